// SPDX-License-Identifier: Apache-2.0
// Built with -fno-exceptions: errors are statuses and empty objects.
#include <cstdio>

#include "check.hpp"
#include "dora/node.hpp"
#include "dora/operator.hpp"

int main()
{
    dora::node node = dora::node::from_env();
    CHECK(node);
    CHECK(node.send("none", "x") == dora::status::unknown_output);
    CHECK(!node.lend("none", 1));
    int count = 0;
    while (dora::event event = node.next())
    {
        if (event.is_input())
            count++;
        else
        {
            CHECK(event.data().empty());
            CHECK(dora::last_error()[0] != 0);
        }
    }
    CHECK(node.has_ended());
    std::printf("got %d\n", count);
    return 0;
}
