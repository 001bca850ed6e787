// SPDX-License-Identifier: Apache-2.0
// What the processes of one run tell each other beside the messages: start and end, times, CPU. Anonymous shared memory, so that
// nothing of it can outlive the processes. Times of sending and receiving are kept here, not in the messages: a message carries
// nothing but what the user would send, and a message of 0 bytes can be timed.
#pragma once

#include "wait.hpp"

#include <atomic>
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

namespace bench
{
inline void* map(std::size_t bytes, int fd = -1)
{
    void* p = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE | (fd < 0 ? MAP_ANONYMOUS : 0), fd, 0);
    if (p == MAP_FAILED)
        fail("mmap of " + std::to_string(bytes) + " bytes");
    return p;
}

/// A fork copies no page tables of shared memory: each process enters the pages into its own, as part of its set-up.
inline void populate(void* start, std::size_t bytes)
{
    const auto page = static_cast<std::uintptr_t>(sysconf(_SC_PAGESIZE));
    const auto from = reinterpret_cast<std::uintptr_t>(start) & ~(page - 1);
    madvise(reinterpret_cast<void*>(from), reinterpret_cast<std::uintptr_t>(start) + bytes - from, MADV_POPULATE_WRITE); // only faster
}

/// One process's part, written by it alone.
struct alignas(128) Side
{
    std::uint64_t cpuStartNs, cpuEndNs; // of this process, around the measured messages
    std::uint64_t startNs, endNs; // publisher: before the first measured send; subscriber: after the last receive
    bool complete;
};

class Shared
{
  public:
    explicit Shared(const Options& o) : _options(o)
    {
        _stamps = o.what == Case::Throughput ? 1 : o.total(); // throughput is not slowed by reading clocks: first message only
        _times = static_cast<std::uint64_t*>(map(8 * _stamps * (1 + static_cast<std::size_t>(o.fan))));
        _head = new (map(sizeof(Head))) Head();
    }

    void populate() { bench::populate(_times, 8 * _stamps * (1 + static_cast<std::size_t>(_options.fan))); }

    std::uint64_t stamps() const { return _stamps; }
    /// Send times (ping-pong: half round trips), by message.
    std::uint64_t* sent() { return _times; }
    std::uint64_t* received(int subscriber) { return _times + _stamps * (1 + static_cast<std::size_t>(subscriber)); }
    Side& publisher() { return _head->sides[0]; }
    Side& subscriber(int index) { return _head->sides[1 + index]; }

    /// Every process comes here once per barrier; all leave together. The supervisor's time limit bounds the wait.
    void meet(int barrier)
    {
        auto& arrived = _head->arrived[barrier];
        arrived.fetch_add(1);
        while (arrived.load() < 1 + _options.fan)
            usleep(500);
    }

  private:
    struct Head
    {
        std::atomic<int> arrived[3];
        Side sides[1 + MaxFan];
    };

    const Options& _options;
    std::uint64_t _stamps;
    std::uint64_t* _times;
    Head* _head;
};
} // namespace bench
