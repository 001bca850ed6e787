// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <dora-operator-api.h>
#include <memory>

class Operator
{
public:
    Operator();
    ~Operator();
    unsigned char counter;
};

std::unique_ptr<Operator> new_operator();

DoraOnInputResult on_input(Operator &op, rust::Str id, rust::Slice<const uint8_t> data, OutputSender &output_sender);
