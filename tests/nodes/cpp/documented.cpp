// SPDX-License-Identifier: Apache-2.0
// A node in the form that dora's documentation shows for C++: a counter for each input.
#define DORA_RUST_NAMES
#include "dora-node-api.h"

#include <iostream>
#include <string>
#include <vector>

int main()
{
    std::cout << "HELLO FROM C++" << std::endl;
    unsigned char counter = 0;

    auto dora_node = init_dora_node();

    while (1)
    {
        auto event = dora_node.events->next();
        auto ty = event_type(event);

        if (ty == DoraEventType::AllInputsClosed)
        {
            break;
        }
        else if (ty == DoraEventType::Input)
        {
            auto input = event_as_input(std::move(event));
            counter += 1;
            std::cout << "received " << std::string(input.id) << " with " << input.data.size() << " bytes" << std::endl;

            std::vector<unsigned char> out_vec{counter};
            rust::Slice<const uint8_t> out_slice{out_vec.data(), out_vec.size()};
            auto result = send_output(dora_node.send_output, "counter", out_slice);
            auto error = std::string(result.error);
            if (!error.empty())
            {
                std::cerr << "error: " << error << std::endl;
                return -1;
            }
            if (send_output(dora_node.send_output, "undeclared", out_slice).error.empty())
            {
                std::cerr << "an undeclared output was accepted" << std::endl;
                return -1;
            }
        }
        else if (ty != DoraEventType::InputClosed)
        {
            std::cerr << "unexpected event type " << static_cast<int>(ty) << std::endl;
            return -1;
        }
    }

    std::cout << "the counter is " << static_cast<int>(counter) << std::endl;
    return 0;
}
