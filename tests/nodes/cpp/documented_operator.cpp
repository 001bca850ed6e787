// SPDX-License-Identifier: Apache-2.0
// An operator in the form of dora's documentation: a class Operator, new_operator and a free on_input. Its third message is an error.
#include "documented_operator.h"
#include <iostream>
#include <vector>

Operator::Operator() : counter(0)
{
}

Operator::~Operator()
{
    std::cout << "the documented operator is gone" << std::endl;
}

std::unique_ptr<Operator> new_operator()
{
    return std::make_unique<Operator>();
}

DoraOnInputResult on_input(Operator &op, rust::Str id, rust::Slice<const uint8_t> data, OutputSender &output_sender)
{
    op.counter += 1;
    std::cout << "received `" << id.data() << "` of " << data.length() << " bytes (internal counter: " << static_cast<unsigned>(op.counter) << ")" << std::endl;
    if (op.counter == 3)
        return {"three is one too many", false};
    if (send_output(output_sender, rust::Str("undeclared"), data).error.empty())
        return {"an undeclared output was accepted", false};

    std::vector<unsigned char> out_vec{op.counter};
    rust::Slice<const uint8_t> out_slice{out_vec.data(), out_vec.size()};
    auto send_result = send_output(output_sender, rust::Str("status"), out_slice);
    DoraOnInputResult result = {send_result.error, false};
    return result;
}
