// SPDX-License-Identifier: Apache-2.0
// What is sent and how it is checked: a pseudo-random block whose first 8 bytes are replaced by the message's number.
#pragma once

#include "options.hpp"

#include <cstring>
#include <unistd.h>
#include <vector>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace bench
{
#if defined(__x86_64__)
/// Stores that bypass the caches. 128 bytes at a time with 256-bit registers: 18 GB/s here, 14 with 128-bit ones, no more with 512.
__attribute__((target("avx"))) inline void streamWhole(std::uint8_t* to, const std::uint8_t* from, std::size_t size)
{
    for (std::size_t i = 0; i < size; i += 128)
    {
        const auto* source = reinterpret_cast<const __m256i*>(from + i);
        const __m256i a = _mm256_loadu_si256(source), b = _mm256_loadu_si256(source + 1);
        const __m256i c = _mm256_loadu_si256(source + 2), d = _mm256_loadu_si256(source + 3);
        auto* target = reinterpret_cast<__m256i*>(to + i);
        _mm256_stream_si256(target, a);
        _mm256_stream_si256(target + 1, b);
        _mm256_stream_si256(target + 2, c);
        _mm256_stream_si256(target + 3, d);
    }
    _mm_sfence(); // streaming stores are not ordered by a later release store
}
#endif

/// Copies past the caches (destination 32-byte aligned): pays when the block could not stay in them anyway.
inline void streamCopy(std::uint8_t* to, const std::uint8_t* from, std::size_t size)
{
    std::size_t whole = 0;
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx"))
        streamWhole(to, from, whole = size & ~std::size_t{127});
#endif
    std::memcpy(to + whole, from + whole, size - whole);
}

/// From here on a copy streams: half of L3, since source and destination pass through it. From the kernel, because sysconf can be
/// ten times too high in a virtual machine (as can the threshold of libc's own memcpy, for the same reason).
inline std::size_t streamingThreshold()
{
    std::size_t kib = 0;
    if (FILE* file = std::fopen("/sys/devices/system/cpu/cpu0/cache/index3/size", "r"))
    {
        if (std::fscanf(file, "%zuK", &kib) != 1)
            kib = 0;
        std::fclose(file);
    }
    return kib == 0 ? ~std::size_t{0} : kib * 1024 / 2;
}

/// 64-bit sum of all words (the last one padded with zeros): the cheapest reading of every byte that still proves the content.
inline std::uint64_t sumOf(const std::uint8_t* data, std::size_t size)
{
    using Words __attribute__((vector_size(16))) = std::uint64_t; // what every x64 and arm64 adds at once
    Words sums[4] = {}, words[4];
    std::size_t i = 0;
    for (; i + sizeof words <= size; i += sizeof words)
    {
        std::memcpy(words, data + i, sizeof words);
        for (int k = 0; k < 4; k++)
            sums[k] += words[k];
    }
    const auto all = sums[0] + sums[1] + sums[2] + sums[3];
    std::uint64_t sum = all[0] + all[1];
    for (; i < size; i += 8)
    {
        std::uint64_t word = 0;
        std::memcpy(&word, data + i, std::min<std::size_t>(8, size - i));
        sum += word;
    }
    return sum;
}

class Payload
{
  public:
    explicit Payload(std::size_t size) : _block(size + 64), _size(size)
    {
        // 64 bytes past a page, like any malloc'ed block: a source that is page-congruent with its destination copies 15 % slower.
        std::uint64_t x = 0x9E3779B97F4A7C15ULL;
        for (std::size_t i = 0; i < size; i++)
        {
            if (i % 8 == 0)
                x ^= x << 13, x ^= x >> 7, x ^= x << 17;
            data()[i] = static_cast<std::uint8_t>(x >> (i % 8 * 8));
        }
        number(0);
        _sumOfRest = sumOf(data(), _size);
    }

    std::uint8_t* data() { return _block.data() + 64; }
    std::size_t size() const { return _size; }

    /// Writes the message's number into the source, so that one copy carries both.
    void number(std::uint64_t sequence)
    {
        if (_size >= 8)
            std::memcpy(data(), &sequence, 8);
    }

    std::uint64_t expectedSum(std::uint64_t sequence) const { return _size == 0 ? 0 : _sumOfRest + sequence; }

  private:
    std::vector<std::uint8_t> _block;
    std::size_t _size;
    std::uint64_t _sumOfRest = 0;
};
} // namespace bench
