// SPDX-License-Identifier: Apache-2.0
// The command line every peer understands. Anything a peer cannot do ends the program with status 3 and a reason.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

namespace bench
{
enum class Case { PingPong, Paced, Throughput, Memcpy };
enum class Wait { Block, Adaptive, Spin };
enum class Fill { Loan, Write, Touch };

inline constexpr int MaxFan = 16;
inline constexpr int StatusFailed = 1;
inline constexpr int StatusUsage = 2;
inline constexpr int StatusUnsupported = 3;

[[noreturn]] inline void stop(int status, const std::string& reason)
{
    std::fprintf(stderr, "%s\n", reason.c_str());
    std::fflush(stderr);
    std::_Exit(status); // children of a fork must not run the parent's exit handlers
}
[[noreturn]] inline void fail(const std::string& reason) { stop(StatusFailed, "failed: " + reason); }
[[noreturn]] inline void unsupported(const std::string& reason) { stop(StatusUnsupported, "unsupported: " + reason); }

struct Options
{
    Case what = Case::PingPong;
    Wait wait = Wait::Block;
    Fill fill = Fill::Write;
    std::size_t size = 8;
    int fan = 1;
    std::uint64_t messages = 0; // measured ones; 0 = by size
    std::uint64_t warmup = ~0ULL; // sent before the measured ones
    double rateHz = 1000;
    int timeoutSeconds = 60;
    bool pin = false;

    std::uint64_t total() const { return warmup + messages; }
};

inline const char* nameOf(Case c)
{
    return c == Case::PingPong ? "pingpong" : c == Case::Paced ? "paced" : c == Case::Throughput ? "throughput" : "memcpy";
}
inline const char* nameOf(Wait w) { return w == Wait::Block ? "block" : w == Wait::Adaptive ? "adaptive" : "spin"; }
inline const char* nameOf(Fill f) { return f == Fill::Loan ? "loan" : f == Fill::Write ? "write" : "touch"; }

template <class E> E oneOf(std::string_view name, std::string_view value, std::initializer_list<E> all)
{
    for (E e : all)
        if (value == nameOf(e))
            return e;
    stop(StatusUsage, std::string(name) + ": no such value: " + std::string(value));
}

inline std::uint64_t defaultMessages(const Options& o)
{
    if (o.what == Case::Paced)
        return std::max<std::uint64_t>(100, static_cast<std::uint64_t>(2 * o.rateHz)); // two seconds
    const std::uint64_t small = o.what == Case::Throughput ? 1'000'000 : 20'000;
    const std::uint64_t byBytes = (2ULL << 30) / (o.size + 1); // about a second of copying
    return std::max<std::uint64_t>(20, std::min(small, byBytes));
}

inline Options parse(int argc, char** argv)
{
    Options o;
    for (int i = 1; i < argc; i++)
    {
        const std::string_view name = argv[i];
        if (name == "--pin")
        {
            o.pin = true;
            continue;
        }
        if (i + 1 == argc)
            stop(StatusUsage, std::string(name) + ": a value is missing");
        const std::string value = argv[++i];
        try
        {
            if (name == "--case")
                o.what = oneOf(name, value, {Case::PingPong, Case::Paced, Case::Throughput, Case::Memcpy});
            else if (name == "--wait")
                o.wait = oneOf(name, value, {Wait::Block, Wait::Adaptive, Wait::Spin});
            else if (name == "--fill")
                o.fill = oneOf(name, value, {Fill::Loan, Fill::Write, Fill::Touch});
            else if (name == "--size")
                o.size = std::stoull(value);
            else if (name == "--fan")
                o.fan = std::stoi(value);
            else if (name == "--messages")
                o.messages = std::stoull(value);
            else if (name == "--warmup")
                o.warmup = std::stoull(value);
            else if (name == "--rate")
                o.rateHz = std::stod(value);
            else if (name == "--timeout")
                o.timeoutSeconds = std::stoi(value);
            else
                stop(StatusUsage, "no such option: " + std::string(name));
        }
        catch (const std::exception&)
        {
            stop(StatusUsage, std::string(name) + ": not a number: " + value);
        }
    }
    if (o.messages == 0)
        o.messages = defaultMessages(o);
    if (o.warmup == ~0ULL)
        o.warmup = std::max<std::uint64_t>(5, o.messages / 10);
    if (o.fan < 1 || o.fan > MaxFan || o.rateHz <= 0 || o.timeoutSeconds < 1)
        stop(StatusUsage, "--fan is 1 to 16, --rate above 0, --timeout at least 1 s");
    if (o.size > 0 && o.size < 8)
        unsupported("messages of 1 to 7 bytes: the first 8 bytes number the message");
    if (o.size > (256u << 20))
        unsupported("messages above 256 MiB");
    if (o.what == Case::PingPong && o.fan != 1)
        unsupported("a ping-pong is between two");
    return o;
}
} // namespace bench
