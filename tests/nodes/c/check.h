/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CHECK_H
#define CHECK_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "dora/dora.h"

/* Ends the program unless it is so: the dataflow fails, and its log says where. */
#define CHECK(condition)                                                                                            \
    do                                                                                                              \
    {                                                                                                               \
        if (!(condition))                                                                                           \
        {                                                                                                           \
            fprintf(stderr, "%s:%d: not so: %s (last error: %s)\n", __FILE__, __LINE__, #condition, dora_last_error()); \
            exit(1);                                                                                                \
        }                                                                                                           \
    } while (0)

/* A literal and its length. */
#define TEXT(literal) literal, sizeof(literal) - 1

/* Whether two texts are the same. */
static inline int is_text(const char *data, size_t length, const char *expected)
{
    return length == strlen(expected) && memcmp(data, expected, length) == 0;
}

/* Byte i of a test message. */
static inline unsigned char pattern(size_t i)
{
    return (unsigned char)(i * 31 + (i >> 8));
}

#endif
