// SPDX-License-Identifier: Apache-2.0
// Sends to itself, and waits for the inputs that it chooses.
#include <iostream>

#include "check.hpp"
#include "dora/node.hpp"

using namespace std::chrono_literals;

int main()
{
    dora::node node = dora::node::from_env();
    CHECK(!node.wait_any({"a", "b"}, 0ns) && !node.wait_all({"a", "b"}, 1ms) && !node.has_ended());
    node.send("a", "a1");
    node.send("b", "b1");
    node.send("b", "b2");
    {
        const dora::event set = node.wait_all({"b", "a"});
        CHECK(set.type() == dora::event_type::joined && set.message() == "complete");
        const auto inputs = set.joined();
        CHECK(inputs.size() == 2 && inputs[0].is_input("b") && inputs[0].text() == "b1" && inputs[1].is_input("a") && inputs[1].text() == "a1");
    }
    const dora::event single = node.wait_any({"a", "b"});
    CHECK(single.is_input("b") && single.text() == "b2");
    try
    {
        (void)node.wait_any({"nobody"});
        CHECK(false);
    }
    catch (const dora::error &e)
    {
        CHECK(std::string_view(e.what()).find("nobody") != std::string_view::npos);
    }
    node.close_output("a");
    CHECK(!node.wait_all({"a", "b"}) && !node.has_ended());
    std::cout << "inputs are chosen" << std::endl;
    return 0;
}
