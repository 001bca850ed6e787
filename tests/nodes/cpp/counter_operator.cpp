// SPDX-License-Identifier: Apache-2.0
// Counts what comes; its third message is an exception, its sixth (counted over all instances) an error.
#include <iostream>

#include "dora/operator.hpp"

struct Counter : dora::operator_base
{
    dora::op_result on_input(const dora::op_input &input, dora::op_sender &sender) override
    {
        if (input.text() == "tick number 2")
            throw std::runtime_error("two is thrown");
        if (input.text() == "tick number 5")
            return dora::op_result::error("five is returned");
        try
        {
            sender.send("undeclared", "x");
            std::abort();
        }
        catch (const std::runtime_error &)
        {
        }
        sender.send("counter", std::to_string(++count) + " after '" + std::string(input.text()) + "'");
        return dora::op_status::proceed;
    }

    dora::op_result on_input_closed(std::string_view input, dora::op_sender &) override
    {
        std::cout << input << " is closed" << std::endl;
        return dora::op_status::proceed;
    }

    dora::op_result on_stop(dora::op_sender &) override
    {
        std::cout << "stopped" << std::endl;
        return dora::op_status::stop;
    }

    ~Counter() override
    {
        std::cout << "destroyed at " << count << std::endl;
    }

    int count = 0;
};

DORA_REGISTER_OPERATOR(Counter)
