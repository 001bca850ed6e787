// SPDX-License-Identifier: Apache-2.0
// Sends what receiver.cpp checks, once it asks for it.
#include <numeric>

#include <dora/arrow.h>
#include "check.hpp"
#include "dora/node.hpp"

using namespace std::chrono_literals;

static int released;

static void send_arrow(dora::node &node)
{
    static const double values[] = {0.5, 1.5, 2.5};
    const void *buffers[] = {nullptr, values};
    ArrowSchema schema{};
    schema.format = "g";
    schema.release = [](ArrowSchema *self) { self->release = nullptr; released++; };
    ArrowArray array{};
    array.length = 3;
    array.n_buffers = 2;
    array.buffers = buffers;
    array.release = [](ArrowArray *self) { self->release = nullptr; released++; };
    CHECK(node.send_arrow("arrow", array, schema) == dora::status::ok);
    CHECK(released == 2);
}

int main()
{
    dora::node node = dora::node::from_env();
    CHECK(node && node.id() == "sender" && node.restart_count() == 0 && !node.dataflow_id().empty());
    CHECK(node.next().is_input("go"));

    dora::metadata parameters;
    parameters.set("bool", true).set("integer", 42).set("float", 2.5f).set("string", "gr\xc3\xbc\xc3\x9f").set("text", std::string("text"));
    parameters.set("integers", std::vector<std::int64_t>{1, -2}).set("floats", std::vector<double>{0.5, -1e300});
    parameters.set("strings", std::vector<std::string>{"one", "", "three"});
    parameters.set("timestamp", dora::time_point(1700000000123456789ns)).set("gone", 1).remove("gone");
    CHECK(node.send("plain", "hello", parameters) == dora::status::ok);
    CHECK(node.send("plain", dora::as_bytes(std::vector<std::int32_t>{1, 2, 3})) == dora::status::ok);
    CHECK(node.try_send("plain", {}) == dora::status::ok);

    dora::loan loan = node.lend("loaned", 4096 * sizeof(std::uint32_t));
    auto values = loan.values<std::uint32_t>();
    std::iota(values.begin(), values.end(), 0u);
    CHECK(loan.send() == dora::status::ok && !loan && loan.data().empty());
    CHECK(node.lend("loaned", 10)); // given back unsent
    dora::loan moved = node.try_lend("loaned", 100);
    dora::loan second = std::move(moved);
    moved = std::move(second);
    moved.data()[0] = 7;
    CHECK(moved.try_send(1) == dora::status::ok);

    send_arrow(node);
    CHECK(node.has_output("plain") && !node.has_output("none") && node.subscriber_count("plain") == 1);

    try
    {
        node.send("none", "x");
        CHECK(false);
    }
    catch (const dora::error &e)
    {
        CHECK(e.code() == dora::status::unknown_output && std::string(e.what()).find("none") != std::string::npos);
    }
    std::error_code code;
    CHECK(!node.lend("none", 1, code) && code == dora::status::unknown_output && code.message() == "the dataflow declares no such output");
    CHECK(!node.next(0ns, code) && (code == dora::status::timeout || code == dora::status::ended));
    node.log(dora::log_level::info, "all is sent", "cpp.test");
    CHECK(node.close_output("plain") == dora::status::ok && node.send("plain", "x") == dora::status::closed);
    return 0;
}
