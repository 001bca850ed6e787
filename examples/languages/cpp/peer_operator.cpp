// SPDX-License-Identifier: Apache-2.0
// The operator in C++: sends all cases at its first event, and checks those of everybody.
#include <dora/operator.hpp>

#include "cases.hpp"

static const std::string me = "cpp-operator";

class peer_operator : public dora::operator_base
{
public:
    dora::op_result on_input(const dora::op_input &input, dora::op_sender &sender) override
    {
        if (is_first_)
            send_all(sender);
        is_first_ = false;
        const std::string line = book_.check(std::string(input.id()), input.parameters(), describe_input(input));
        if (!line.empty())
            sender.log(dora::op_log_level::info, line);
        return book_.is_complete() ? dora::op_status::stop : dora::op_status::proceed;
    }

    dora::op_result on_input_closed(std::string_view input, dora::op_sender &) override
    {
        book_.close(std::string(input)); // what it throws is reported
        return dora::op_status::proceed;
    }

private:
    static void send_all(dora::op_sender &sender)
    {
        for (const std::string &name : case_names)
        {
            const auto parameters = metadata_of<dora::op_metadata>(me, name);
            if (is_bytes(name))
            {
                sender.send_in_place("messages", byte_count(name), write_pattern, parameters);
            }
            else
            {
                arrow_value value(name);
                sender.send_arrow("messages", value.array, value.schema, parameters);
            }
        }
    }

    static description describe_input(const dora::op_input &input)
    {
        if (!input.is_arrow())
            return describe(input.data());
        arrow_value value;
        input.arrow(value.array, value.schema);
        return describe(value);
    }

    bool is_first_ = true;
    book book_{me};
};

DORA_REGISTER_OPERATOR(peer_operator)
