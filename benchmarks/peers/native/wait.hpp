// SPDX-License-Identifier: Apache-2.0
// Clocks and the three ways of waiting, the same for every peer.
#pragma once

#include "options.hpp"

#include <ctime>
#include <sched.h>
#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace bench
{
inline std::uint64_t nowNs(clockid_t clock = CLOCK_MONOTONIC)
{
    timespec t{};
    clock_gettime(clock, &t);
    return static_cast<std::uint64_t>(t.tv_sec) * 1'000'000'000ULL + static_cast<std::uint64_t>(t.tv_nsec);
}

inline void pause()
{
#if defined(__x86_64__)
    _mm_pause();
#elif defined(__aarch64__)
    asm volatile("yield");
#endif
}

/// Repeats a non-blocking attempt until it succeeds, waiting in between as --wait says. One per waiting thread.
class Waiter
{
  public:
    explicit Waiter(Wait how) : _how(how) {}

    /// <attempt> returns whether it succeeded and never blocks; <block> does the same but may sleep (at most about a second) first.
    template <class Attempt, class Block> void until(Attempt attempt, Block block)
    {
        switch (_how)
        {
        case Wait::Block:
            while (!block())
            {
            }
            return;
        case Wait::Spin:
            // After ~2 us the core is offered to others: with more spinning processes than cores the awaited one could not run otherwise.
            for (int i = 0; !attempt(); i++)
                if (i < 100)
                    pause();
                else
                    sched_yield();
            return;
        case Wait::Adaptive:
            if (!attempt())
                adaptive(attempt, block);
            return;
        }
    }

  private:
    // Spinning pays while what we wait for usually comes within the 20 us that a sleep and a wake-up cost: a moving average of the
    // waits decides (one long wait counts 100 us at most). Two sides that sleep make each other's waits long, so that every 64th wait
    // spins all the same; if that succeeds, it alone counts.
    static constexpr std::uint64_t SpinNs = 20'000, LongNs = 100'000;

    template <class Attempt, class Block> void adaptive(Attempt attempt, Block block)
    {
        const auto start = nowNs();
        const bool probe = ++_waits % 64 == 0;
        bool done = false;
        if (_averageNs < SpinNs || probe)
            while (!done && nowNs() - start < SpinNs)
                for (int i = 0; i < 8 && !(done = attempt()); i++)
                    pause();
        if (done && _averageNs >= SpinNs)
            _averageNs = nowNs() - start;
        while (!done)
            done = block();
        _averageNs = (_averageNs * 7 + std::min(nowNs() - start, LongNs)) / 8;
    }

    std::uint64_t _waits = 0;
    Wait _how;
    std::uint64_t _averageNs = 0;
};
} // namespace bench
