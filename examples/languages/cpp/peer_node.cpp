// SPDX-License-Identifier: Apache-2.0
// The node in C++: sends all cases, and checks those of everybody.
#include <iostream>

#include <dora/node.hpp>

#include "cases.hpp"

static const std::string me = "cpp-node";

static void send(dora::node &node, const std::string &name)
{
    const dora::metadata parameters = metadata_of<dora::metadata>(me, name);
    if (is_bytes(name))
    {
        dora::loan loan = node.lend("messages", byte_count(name));
        write_pattern(loan.data()); // straight into shared memory
        loan.send(&parameters);
    }
    else
    {
        arrow_value value(name);
        node.send_arrow("messages", value.array, value.schema, &parameters);
    }
}

static description describe_input(const dora::event &event)
{
    if (!event.is_arrow())
        return describe(event.data());
    arrow_value value;
    event.arrow(value.array, value.schema);
    return describe(value);
}

int main()
{
    book received(me);
    try
    {
        dora::node node = dora::node::from_env();
        for (const std::string &name : case_names)
            send(node, name);
        for (const dora::event &event : node.events())
        {
            const std::string sender(event.id());
            if (event.type() == dora::event_type::input_closed)
                received.close(sender);
            if (!event.is_input())
                continue;
            const std::string line = received.check(sender, event.parameters(), describe_input(event));
            if (!line.empty())
                std::cout << line << std::endl;
            if (received.is_complete())
                break;
        }
        for (const std::string &peer : peers)
            received.close(peer);
        return 0;
    }
    catch (const std::exception &e)
    {
        std::cerr << e.what() << std::endl;
        return 1;
    }
}
