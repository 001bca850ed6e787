// SPDX-License-Identifier: Apache-2.0
// Asks sender.cpp for its messages and checks every one.
#include <iostream>

#include <dora/arrow.h>
#include "check.hpp"
#include "dora/node.hpp"

#if __cplusplus >= 202002L
#include <span>
#endif

using namespace std::chrono_literals;

static void check_parameters(const dora::metadata &m)
{
    CHECK(m.size() == 9 && m.keys().front() == "bool" && m.keys().back() == "timestamp");
    CHECK(m.kind("integers") == dora::parameter_kind::integers && !m.contains("gone"));
    CHECK(m.get<bool>("bool") == true && m.get<std::int64_t>("integer") == 42 && m.get<double>("float") == 2.5);
    CHECK(m.get<double>("integer") == 42.0 && !m.get<bool>("integer") && !m.get<bool>("gone"));
    CHECK(m.get<std::string>("string") == "gr\xc3\xbc\xc3\x9f" && m.get<std::string>("text") == "text");
    CHECK(m.get<std::vector<std::int64_t>>("integers") == std::vector<std::int64_t>{1, -2});
    CHECK(m.get<std::vector<double>>("floats") == std::vector<double>{0.5, -1e300});
    CHECK(m.get<std::vector<std::string>>("strings") == std::vector<std::string>{"one", "", "three"});
    CHECK(m.get<dora::time_point>("timestamp") == dora::time_point(1700000000123456789ns));
}

int main()
{
    dora::node node = dora::node::from_env();
    CHECK(!node.try_next() && !node.next(2ms) && !node.has_ended()); // nothing comes before it is asked for
    node.send("go", "");

    int plain = 0, loaned = 0, arrow = 0, closed = 0;
    bool stopped = false;
    ArrowArray array{};
    for (dora::event event : node.events())
    {
        if (event.is_input("plain"))
        {
            CHECK(event.sequence() > 0 && event.timestamp() < node.timestamp() && !event.is_arrow());
            switch (plain++)
            {
                case 0:
                    CHECK(event.text() == "hello" && event.has_metadata());
                    check_parameters(event.parameters());
                    break;
                case 1:
                {
                    const auto values = event.values<std::int32_t>();
                    CHECK(values.size() == 3 && values.front() == 1 && values.back() == 3);
#if __cplusplus >= 202002L
                    const std::span<const std::int32_t> standard = values;
                    CHECK(standard.size() == 3 && dora::span<const std::int32_t>(standard)[1] == 2);
#endif
                    break;
                }
                default:
                    CHECK(event.data().empty() && !event.has_metadata());
            }
        }
        else if (event.is_input("loaned"))
        {
            if (loaned++ == 0)
            {
                const auto values = event.values<std::uint32_t>();
                CHECK(values.size() == 4096);
                for (std::uint32_t i = 0; i < 4096; i++)
                    CHECK(values[i] == i);
            }
            else
                CHECK(event.data().size() == 1 && event.data()[0] == 7);
        }
        else if (event.is_input("arrow"))
        {
            ArrowSchema schema{};
            arrow++;
            CHECK(event.is_arrow() && event.arrow(array, schema) == dora::status::ok);
            CHECK(schema.format == std::string("g") && array.length == 3);
            schema.release(&schema);
        }
        else if (event.type() == dora::event_type::input_closed)
        {
            closed++;
            CHECK(!event.message().empty());
            try
            {
                (void)event.data();
                CHECK(false);
            }
            catch (const dora::error &e)
            {
                CHECK(e.code() == dora::status::wrong_event);
            }
        }
        else
        {
            CHECK(event.type() == dora::event_type::stop && event.id() == "ALL_INPUTS_CLOSED");
            stopped = true;
        }
    }

    const auto *values = static_cast<const double *>(array.buffers[1]) + array.offset; // its event is gone; the array holds the message
    CHECK(values[0] == 0.5 && values[2] == 2.5);
    array.release(&array);
    CHECK(plain == 3 && loaned == 2 && arrow == 1 && closed == 3 && stopped && node.has_ended());
    dora::node other = std::move(node);
    CHECK(other && !node);
    other.reset();
    std::cout << "all is as it was sent" << std::endl;
    return 0;
}
