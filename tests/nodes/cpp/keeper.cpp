// SPDX-License-Identifier: Apache-2.0
// Passes each message on, copied into a loan; holds the last four events all the while, and another loan: whenever it is killed, it holds something.
#include <algorithm>
#include <deque>

#include "dora/node.hpp"

int main()
{
    dora::node node = dora::node::from_env();
    const dora::loan kept = node.lend("data", 100000);
    std::deque<dora::event> held;
    while (dora::event event = node.next())
    {
        if (event.is_input())
        {
            dora::loan loan = node.lend("data", event.data().size());
            std::copy(event.data().begin(), event.data().end(), loan.data().begin());
            loan.send();
        }
        held.push_back(std::move(event));
        if (held.size() > 4)
            held.pop_front();
    }
}
