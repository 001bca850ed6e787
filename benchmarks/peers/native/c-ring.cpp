// SPDX-License-Identifier: Apache-2.0
// The floor: the least that a correct, lossless channel from one process to N needs on shared memory. Per subscriber a ring of
// 128-byte cells, one pool of payload slots for all, futexes to sleep on. No metadata, no validation, no crash safety.
//
// Cost of a message without sleeping: one cache line for a payload of up to 48 bytes (two up to 112), plus the slot's lines.
#include "supervisor.hpp"

#include <climits>
#include <linux/futex.h>
#include <sys/syscall.h>

namespace
{
using namespace bench;

constexpr std::size_t Line = 128; // two cache lines: the adjacent-line prefetcher couples them
constexpr std::size_t InlineBytes = 112;
constexpr std::uint64_t Cells = 1024; // 128 KiB a ring: long enough to amortise a wake-up, short enough for L2
constexpr std::uint32_t NoSlot = ~0u;
constexpr std::uint64_t Never = ~0ULL;

struct alignas(Line) Cell
{
    std::atomic<std::uint64_t> number; // message number + 1, written last; the subscriber polls it: no other line is needed
    std::uint32_t slot;
    std::uint32_t size;
    std::uint8_t inlined[InlineBytes];
};
static_assert(sizeof(Cell) == Line);

struct Ring
{
    alignas(Line) std::atomic<std::uint32_t> subscriberSleeps; // futex; 1 = asleep or about to be
    alignas(Line) std::atomic<std::uint64_t> released; // by the subscriber: messages it is done with
    alignas(Line) std::atomic<std::uint32_t> publisherSleeps; // futex
    std::atomic<std::uint64_t> publisherWakesAt; // value of `released` the sleeping publisher asks to be woken at
    Cell cells[Cells];
};

long futex(std::atomic<std::uint32_t>& word, int operation, std::uint32_t value, const timespec* timeout = nullptr)
{
    return syscall(SYS_futex, &word, operation, value, timeout, nullptr, 0);
}

/// Sleeps while <word> is 1, unless <ready> holds already. The waker has published before it looks at the word (fence on both sides).
template <class Ready> void sleepOn(std::atomic<std::uint32_t>& word, Ready ready)
{
    word.store(1, std::memory_order_relaxed);
    std::atomic_thread_fence(std::memory_order_seq_cst);
    const timespec second{1, 0};
    if (!ready())
        futex(word, FUTEX_WAIT, 1, &second);
    word.store(0, std::memory_order_relaxed);
}

/// Call after a seq_cst fence. Clearing the word here spares one system call per message until the sleeper runs.
void wake(std::atomic<std::uint32_t>& word)
{
    if (word.load(std::memory_order_relaxed) != 0)
    {
        word.store(0, std::memory_order_relaxed);
        futex(word, FUTEX_WAKE, 1);
    }
}

/// Where the pieces of one lane are; the same arithmetic in both processes.
class Lanes
{
  public:
    static constexpr bool NumbersMessages = true;

    explicit Lanes(const Options& o) : options(o)
    {
        slotBytes = o.size <= InlineBytes ? 0 : (o.size + Line - 1) / Line * Line + Line; // + one line: slots start at changing page offsets
        // As many as keep both sides busy: up to a ring of small ones, 3 of the largest (written, queued, read), at most 8 MiB between.
        slots = slotBytes == 0 ? 0 : std::clamp<std::uint64_t>((8u << 20) / slotBytes, 3, 256);
        bytes = sizeof(Ring) * static_cast<std::size_t>(o.fan) + slotBytes * slots;
        for (auto* lane : {&ping, &pong})
        {
            if (lane == &pong && o.what != Case::PingPong)
                break;
            const int fd = memfd_create("c-ring", MFD_CLOEXEC);
            if (fd < 0 || ftruncate(fd, static_cast<off_t>(bytes)) != 0)
                fail("memfd");
            *lane = static_cast<std::uint8_t*>(map(bytes, fd));
            close(fd);
        }
    }

    const char* name() const { return "c-ring"; }
    static std::vector<pid_t> helpers() { return {}; }

    Ring& ring(Lane lane, int index) const { return reinterpret_cast<Ring*>(lane == Lane::Ping ? ping : pong)[index]; }
    std::uint8_t* slot(Lane lane, std::uint32_t index) const
    {
        return (lane == Lane::Ping ? ping : pong) + sizeof(Ring) * static_cast<std::size_t>(options.fan) + slotBytes * index;
    }

    void enter(Lane lane) const { populate(lane == Lane::Ping ? ping : pong, bytes); }

    class Sender;
    class Receiver;

    const Options& options;
    std::size_t slotBytes;
    std::uint64_t slots;
    std::size_t bytes;

  private:
    std::uint8_t *ping = nullptr, *pong = nullptr;
};

class Lanes::Sender
{
  public:
    Sender(Lanes& lanes, Lane lane, int receivers)
        : _lanes(lanes), _lane(lane), _receivers(receivers), _waiter(lanes.options.wait), _slotOf(Cells, NoSlot),
          _streams(lanes.options.size > streamingThreshold())
    {
        lanes.enter(lane);
        for (auto slot = static_cast<std::uint32_t>(lanes.slots); slot > 0; slot--)
            _free.push_back(slot - 1);
    }

    void awaitReceivers() {}

    void send(Payload& payload, Fill fill, std::uint64_t sequence)
    {
        const bool inlined = payload.size() <= InlineBytes;
        const auto room = [&] { return sequence - _reclaimed < Cells && (inlined || !_free.empty()); };
        // Big slots are reclaimed before each send, so that the one just read, still in a cache, is written next; for small ones that
        // would only cost the cache line that holds `released`.
        if (!room() || _lanes.slotBytes > 8192)
            reclaim();
        if (!room())
            _waiter.until([&] { return reclaim(), room(); }, [&] { return awaitRoom(sequence), reclaim(), room(); });

        std::uint32_t slot = NoSlot;
        if (!inlined)
        {
            slot = _free.back();
            _free.pop_back();
            fillWith(_lanes.slot(_lane, slot), payload, fill, sequence, true, [&](std::uint8_t* to, const std::uint8_t* from, std::size_t size) {
                _streams ? streamCopy(to, from, size) : void(std::memcpy(to, from, size));
            });
        }
        _slotOf[sequence % Cells] = slot;
        for (int k = 0; k < _receivers; k++)
        {
            auto& cell = _lanes.ring(_lane, k).cells[sequence % Cells];
            cell.slot = slot;
            cell.size = static_cast<std::uint32_t>(payload.size());
            if (inlined)
                fillWith(cell.inlined, payload, fill, sequence, true, [](auto* to, auto* from, auto size) { std::memcpy(to, from, size); });
            cell.number.store(sequence + 1, std::memory_order_release);
        }
        std::atomic_thread_fence(std::memory_order_seq_cst);
        for (int k = 0; k < _receivers; k++)
            wake(_lanes.ring(_lane, k).subscriberSleeps);
    }

  private:
    std::uint64_t releasedByAll() const
    {
        auto least = Never;
        for (int k = 0; k < _receivers; k++)
            least = std::min(least, _lanes.ring(_lane, k).released.load(std::memory_order_acquire));
        return least;
    }

    /// Messages are released in order, so that a count says which slots are free again; the last one freed is used first (warmest).
    void reclaim()
    {
        for (const auto end = releasedByAll(); _reclaimed < end; _reclaimed++)
            if (_slotOf[_reclaimed % Cells] != NoSlot)
                _free.push_back(_slotOf[_reclaimed % Cells]);
    }

    /// Sleeps until the slowest subscriber has released half of what is out: one wake-up then buys half a ring, not one message.
    void awaitRoom(std::uint64_t sequence)
    {
        const auto target = _reclaimed + (sequence - _reclaimed + 1) / 2;
        for (int k = 0; k < _receivers; k++)
        {
            auto& ring = _lanes.ring(_lane, k);
            if (ring.released.load(std::memory_order_acquire) >= target)
                continue;
            ring.publisherWakesAt.store(target, std::memory_order_relaxed);
            sleepOn(ring.publisherSleeps, [&] { return ring.released.load(std::memory_order_acquire) >= target; });
        }
    }

    Lanes& _lanes;
    Lane _lane;
    int _receivers;
    Waiter _waiter;
    std::vector<std::uint32_t> _slotOf; // by message number: the publisher's private copy, never read back from shared memory
    std::vector<std::uint32_t> _free;
    std::uint64_t _reclaimed = 0;
    bool _streams;
};

class Lanes::Receiver
{
  public:
    Receiver(Lanes& lanes, Lane lane, int index) : _lanes(lanes), _lane(lane), _ring(lanes.ring(lane, index)) { lanes.enter(lane); }

    void awaitSender() {}

    bool tryReceive(View& view)
    {
        const auto& cell = _ring.cells[_next % Cells];
        if (cell.number.load(std::memory_order_acquire) != _next + 1)
            return false;
        view = {cell.slot == NoSlot ? cell.inlined : _lanes.slot(_lane, cell.slot), cell.size, _next};
        return true;
    }

    bool waitReceive(View& view)
    {
        if (tryReceive(view))
            return true;
        sleepOn(_ring.subscriberSleeps, [&] { return tryReceive(view); });
        return tryReceive(view);
    }

    void release()
    {
        _ring.released.store(++_next, std::memory_order_release);
        std::atomic_thread_fence(std::memory_order_seq_cst);
        if (_ring.publisherSleeps.load(std::memory_order_relaxed) != 0 && _next >= _ring.publisherWakesAt.load(std::memory_order_relaxed))
            wake(_ring.publisherSleeps);
    }

  private:
    Lanes& _lanes;
    Lane _lane;
    Ring& _ring;
    std::uint64_t _next = 0;
};

/// Copy bandwidth of this machine, warm, one core: what a message written once can reach at best.
int measureCopies(const Options& o)
{
    Payload source(o.size);
    std::vector<std::uint8_t> block(o.size + 2 * Line);
    auto* to = block.data() + (Line - reinterpret_cast<std::uintptr_t>(block.data()) % Line);
    if (o.pin)
        pinTo(0);
    const auto median = [&](auto copy) {
        std::vector<std::uint64_t> samples;
        const auto batch = std::max<std::size_t>(1, (256u << 10) / (o.size + 1)); // the clock costs 23 ns
        for (std::uint64_t i = 0; i < o.total(); i++)
        {
            const auto start = nowNs();
            for (std::size_t k = 0; k < batch; k++)
            {
                copy(to, source.data(), o.size);
                asm volatile("" ::"r"(to) : "memory"); // the copy is not dead
            }
            if (i >= o.warmup)
                samples.push_back(nowNs() - start);
        }
        std::sort(samples.begin(), samples.end());
        return static_cast<double>(o.size * batch) / static_cast<double>(samples[samples.size() / 2]);
    };
    const auto plain = median([](auto* to, auto* from, auto size) { std::memcpy(to, from, size); });
    const auto streaming = median(streamCopy);
    if (sumOf(to, o.size) != source.expectedSum(0))
        fail("copy");
    JsonLine("c-ring", o).add("gb_per_s", plain).add("stream_gb_per_s", streaming).print();
    return 0;
}
} // namespace

int main(int argc, char** argv)
{
    const auto options = parse(argc, argv);
    return options.what == Case::Memcpy ? measureCopies(options) : runPeer<Lanes>(options);
}
