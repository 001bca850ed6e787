// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdio>
#include <cstdlib>

// Ends the program unless it is so: the dataflow fails, and its log says where.
#define CHECK(...)                                                                       \
    do                                                                                   \
    {                                                                                    \
        if (!(__VA_ARGS__))                                                              \
        {                                                                                \
            std::fprintf(stderr, "%s:%d: not so: %s (last error: %s)\n", __FILE__, __LINE__, #__VA_ARGS__, dora::last_error()); \
            std::exit(1);                                                                \
        }                                                                                \
    } while (0)
