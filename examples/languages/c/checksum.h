/* SPDX-License-Identifier: Apache-2.0 */
/* CRC-32, as zlib has it; for C and C++. Numbers are added as they lie in memory: on a little-endian machine, as the README says. */
#ifndef CHECKSUM_H
#define CHECKSUM_H

#include <stddef.h>
#include <stdint.h>

static inline void add_bytes(uint32_t *crc, const void *data, size_t length)
{
    static uint32_t table[256]; /* every thread would write the same */
    if (table[1] == 0)
    {
        for (uint32_t i = 0; i < 256; i++)
        {
            uint32_t entry = i;
            for (int bit = 0; bit < 8; bit++)
                entry = entry >> 1 ^ (entry & 1 ? 0xedb88320u : 0);
            table[i] = entry;
        }
    }
    const uint8_t *bytes = (const uint8_t *)data;
    uint32_t value = ~*crc;
    for (size_t i = 0; i < length; i++)
        value = value >> 8 ^ table[(value ^ bytes[i]) & 255];
    *crc = ~value;
}

static inline void add_byte(uint32_t *crc, uint8_t byte)
{
    add_bytes(crc, &byte, 1);
}

static inline void add_u32(uint32_t *crc, uint32_t value)
{
    add_bytes(crc, &value, sizeof value);
}

static inline void add_text(uint32_t *crc, const char *text, size_t length)
{
    add_u32(crc, (uint32_t)length);
    add_bytes(crc, text, length);
}

#endif
