// SPDX-License-Identifier: Apache-2.0
// Crashes at its third message, in the way that CRASH names.
#include <cstdlib>
#include <stdexcept>
#include <string_view>

#include "dora/operator.hpp"

struct Crash : dora::operator_base
{
    dora::op_result on_input(const dora::op_input &, dora::op_sender &sender) override
    {
        if (++count == 3)
            crash(std::getenv("CRASH"));
        sender.send("out", "");
        return dora::op_status::proceed;
    }

    // noexcept: what is thrown in it is no error of the operator's, but the end of its process.
    static void crash(std::string_view how) noexcept
    {
        if (how == "throw")
            fail();
        volatile int *volatile nowhere = nullptr;
        *nowhere = 1;
    }

    static void fail()
    {
        throw std::runtime_error("nobody catches this");
    }

    int count = 0;
};

DORA_REGISTER_OPERATOR(Crash)
