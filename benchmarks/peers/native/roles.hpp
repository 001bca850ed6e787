// SPDX-License-Identifier: Apache-2.0
// Publisher and subscriber, written once for all peers. A peer is a class with
//   static constexpr bool NumbersMessages   its messages carry their number beside the payload (else it is the first 8 bytes)
//   Peer(const Options&), ~Peer()           in the supervisor, before the first fork and after the last exit
//   const char* name(); std::vector<pid_t> helpers()   helper processes whose CPU counts
//   Sender(Peer&, Lane, receivers): awaitReceivers(); send(Payload&, Fill, sequence), which blocks rather than lose a message
//   Receiver(Peer&, Lane, index): awaitSender(); tryReceive(View&); waitReceive(View&), which may sleep up to a second; release()
#pragma once

#include "payload.hpp"
#include "shared.hpp"

#include <optional>
#include <sys/types.h>

namespace bench
{
enum class Lane { Ping, Pong }; // publisher to subscribers, subscriber 0 back to the publisher

/// A received message, valid until release().
struct View
{
    const std::uint8_t* data = nullptr;
    std::size_t size = 0;
    std::uint64_t sequence = 0; // only of peers that number their messages
};

/// Puts the payload where the peer keeps it: the one place that decides what loan, write and touch mean for a sender.
template <class Copy> void fillWith(std::uint8_t* to, Payload& payload, Fill fill, std::uint64_t sequence, bool numbered, Copy copy)
{
    if (fill == Fill::Loan)
    {
        if (!numbered && payload.size() >= 8)
            std::memcpy(to, &sequence, 8);
        return;
    }
    payload.number(sequence);
    copy(to, payload.data(), payload.size());
}

inline std::uint64_t cpuNsOf(const std::vector<pid_t>& processes)
{
    std::uint64_t sum = 0;
    clockid_t clock;
    for (const pid_t pid : processes)
        if (clock_getcpuclockid(pid, &clock) == 0)
            sum += nowNs(clock);
    return sum;
}

template <class Peer> class Role
{
  public:
    Role(Peer& peer, Shared& shared, const Options& o) : _peer(peer), _shared(shared), _options(o), _payload(o.size), _waiter(o.wait) {}

    void publish()
    {
        typename Peer::Sender out(_peer, Lane::Ping, _options.fan);
        std::optional<typename Peer::Receiver> back;
        if (_options.what == Case::PingPong)
            back.emplace(_peer, Lane::Pong, 0);
        _shared.populate();
        _shared.meet(0); // all endpoints exist
        out.awaitReceivers();
        if (back)
            back->awaitSender();
        _shared.meet(1); // and are connected
        usleep(50'000); // the subscribers are now waiting for the first message
        const auto periodNs = 1e9 / _options.rateHz;
        const auto start = nowNs() + 1'000'000;
        auto& side = _shared.publisher();
        for (std::uint64_t i = 0; i < _options.total(); i++)
        {
            if (i == _options.warmup)
            {
                side.cpuStartNs = cpuNs() + cpuNsOf(_peer.helpers());
                side.startNs = nowNs();
            }
            if (_options.what == Case::Paced)
                sleepUntil(start + static_cast<std::uint64_t>(static_cast<double>(i) * periodNs));
            std::uint64_t before = 0;
            if (i < _shared.stamps())
                before = _shared.sent()[i] = nowNs();
            out.send(_payload, _options.fill, i);
            if (back)
            {
                receive(*back, i);
                _shared.sent()[i] = (nowNs() - before) / 2;
            }
        }
        side.cpuEndNs = cpuNs() + cpuNsOf(_peer.helpers());
        side.endNs = nowNs();
        side.complete = true;
        _shared.meet(2); // nobody takes his end of the transport away before all have received everything
    }

    void subscribe(int index)
    {
        typename Peer::Receiver in(_peer, Lane::Ping, index);
        std::optional<typename Peer::Sender> back;
        if (_options.what == Case::PingPong)
            back.emplace(_peer, Lane::Pong, 1);
        _shared.populate();
        _shared.meet(0);
        in.awaitSender();
        if (back)
            back->awaitReceivers();
        _shared.meet(1);
        auto& side = _shared.subscriber(index);
        auto* received = _shared.received(index);
        for (std::uint64_t i = 0; i < _options.total(); i++)
        {
            if (i == _options.warmup)
                side.cpuStartNs = cpuNs();
            receive(in, i, i < _shared.stamps() && !back ? received + i : nullptr);
            if (back)
                back->send(_payload, _options.fill, i);
        }
        side.endNs = nowNs();
        side.cpuEndNs = cpuNs();
        side.complete = true;
        _shared.meet(2);
    }

  private:
    static std::uint64_t cpuNs() { return nowNs(CLOCK_PROCESS_CPUTIME_ID); } // = getrusage's user + system, in ns

    static void sleepUntil(std::uint64_t ns)
    {
        const timespec t{static_cast<time_t>(ns / 1'000'000'000), static_cast<long>(ns % 1'000'000'000)};
        while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, nullptr) != 0)
        {
        }
    }

    void receive(typename Peer::Receiver& in, std::uint64_t expected, std::uint64_t* stamp = nullptr)
    {
        View view;
        _waiter.until([&] { return in.tryReceive(view); }, [&] { return in.waitReceive(view); });
        if (stamp)
            *stamp = nowNs();
        check(view, expected);
        in.release();
    }

    void check(const View& view, std::uint64_t expected)
    {
        if (view.size != _options.size)
            fail("message " + std::to_string(expected) + " has " + std::to_string(view.size) + " bytes");
        if (view.size == 0 && !Peer::NumbersMessages)
            return;
        auto sequence = view.sequence;
        if (!Peer::NumbersMessages)
            std::memcpy(&sequence, view.data, 8);
        if (sequence != expected)
            fail("message " + std::to_string(sequence) + " came instead of " + std::to_string(expected));
        // "touch" reads every byte of every message; "write" proves the content only of a few, since its reader must not read.
        const bool sample = expected < 4 || expected + 1 == _options.total();
        if (_options.fill == Fill::Touch || (_options.fill == Fill::Write && sample))
            if (sumOf(view.data, view.size) != _payload.expectedSum(expected))
                fail("message " + std::to_string(expected) + " has a wrong checksum");
    }

    Peer& _peer;
    Shared& _shared;
    const Options& _options;
    Payload _payload;
    Waiter _waiter;
};
} // namespace bench
