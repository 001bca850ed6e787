// SPDX-License-Identifier: Apache-2.0
// Eclipse iceoryx 2: loans from RouDi's shared memory, its WaitSet for --wait block, polling for spin, both for adaptive.
#include "supervisor.hpp"

#include <iceoryx_hoofs/log/logmanager.hpp>
#include <iceoryx_posh/mepoo/chunk_header.hpp>
#include <iceoryx_posh/popo/untyped_publisher.hpp>
#include <iceoryx_posh/popo/untyped_subscriber.hpp>
#include <iceoryx_posh/popo/wait_set.hpp>
#include <iceoryx_posh/runtime/posh_runtime.hpp>
#include <grp.h>
#include <sys/socket.h>
#include <sys/un.h>

namespace
{
using namespace bench;

/// RouDi, iceoryx's daemon, which owns the shared memory: ours if none runs yet, with pools that fit the run.
class RouDi
{
  public:
    RouDi(std::size_t size, std::uint64_t chunks)
    {
        if (runs())
            return; // somebody's; its pools have to do
        const auto config = "[general]\nversion = 1\n[[segment]]\n[[segment.mempool]]\nsize = " + std::to_string((size + 63) / 32 * 32)
            + "\ncount = " + std::to_string(chunks) + "\n";
        const int file = memfd_create("roudi.toml", 0);
        if (file < 0 || write(file, config.data(), config.size()) != static_cast<ssize_t>(config.size()))
            fail("RouDi's configuration");
        const auto path = "/dev/fd/" + std::to_string(file);
        _pid = spawn([&] {
            dup2(open("/dev/null", O_WRONLY), STDOUT_FILENO);
            // -m off: it would otherwise take a process that is busy for a dead one
            execlp("iox-roudi", "iox-roudi", "-m", "off", "-l", "error", "-c", path.c_str(), nullptr);
            unsupported("iox-roudi is not installed");
        });
        close(file);
        const auto deadline = nowNs() + 20'000'000'000ULL;
        while (!runs())
        {
            int status = 0;
            if (waitpid(_pid, &status, WNOHANG) == _pid)
                stop(WIFEXITED(status) && WEXITSTATUS(status) == StatusUnsupported ? StatusUnsupported : StatusFailed, "RouDi did not start");
            if (nowNs() > deadline)
                fail("RouDi did not start in time"); // it dies with us
            usleep(10'000);
        }
    }

    void end()
    {
        if (_pid == 0)
            return;
        kill(_pid, SIGTERM);
        for (int i = 0; i < 500; i++, usleep(10'000))
            if (waitpid(_pid, nullptr, WNOHANG) == _pid)
                return;
        kill(_pid, SIGKILL);
        waitpid(_pid, nullptr, 0);
    }

    std::vector<pid_t> processes() const { return _pid == 0 ? std::vector<pid_t>{} : std::vector<pid_t>{_pid}; }

  private:
    static bool runs() // then somebody is bound to its socket; a killed RouDi leaves a dead one
    {
        const int probe = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
        const sockaddr_un address{AF_UNIX, "/tmp/roudi"};
        const bool answered = connect(probe, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
        close(probe);
        return answered;
    }

    pid_t _pid = 0;
};

/// RouDi names its segment after the user's group.
std::string groupName()
{
    const group* g = getgrgid(getegid());
    return g == nullptr ? "iceoryx_mgmt" : g->gr_name;
}

class Iceoryx
{
  public:
    static constexpr bool NumbersMessages = true; // in its chunk header

    explicit Iceoryx(const Options& o)
        // A queue of 256 (iceoryx's most), but 64 MiB of large messages at most: they stay few, warm, and quick to set up.
        : queue(std::clamp<std::uint64_t>((64u << 20) / (o.size + 1), 2, 256)), _files("/dev/shm", {"iceoryx_mgmt", "iox", groupName()}),
          _sockets("/tmp", {"roudi", "iox-unique-roudi", "dora-bench-"}),
          // Per lane: the queue, one loaned, one cached by the publisher, one in each reader's hands, one spare.
          _roudi(o.size, (o.what == Case::PingPong ? 2 : 1) * (queue + 3 + static_cast<std::uint64_t>(o.fan)))
    {
    }

    ~Iceoryx()
    {
        _roudi.end();
        _files.remove();
        _sockets.remove();
    }

    const char* name() const { return "iceoryx"; }
    std::vector<pid_t> helpers() const { return _roudi.processes(); }

    /// Joins RouDi, once per process.
    static void join()
    {
        iox::log::LogManager::GetLogManager().SetDefaultLogLevel(iox::log::LogLevel::kWarn, iox::log::LogLevelOutput::kHideLogLevel);
        const auto name = "dora-bench-" + std::to_string(getpid());
        iox::runtime::PoshRuntime::initRuntime(iox::RuntimeName_t(iox::cxx::TruncateToCapacity, name.c_str()));
    }

    static iox::capro::ServiceDescription service(Lane lane)
    {
        return {"dora", "bench", lane == Lane::Ping ? iox::capro::IdString_t("ping") : iox::capro::IdString_t("pong")};
    }

    class Sender;
    class Receiver;

    const std::uint64_t queue;

  private:
    Leftovers _files, _sockets;
    RouDi _roudi;
};

class Iceoryx::Sender
{
  public:
    Sender(Iceoryx&, Lane lane, int)
    {
        join();
        iox::popo::PublisherOptions options;
        options.subscriberTooSlowPolicy = iox::popo::ConsumerTooSlowPolicy::WAIT_FOR_CONSUMER; // lossless
        _publisher.emplace(service(lane), options);
    }

    void awaitReceivers()
    {
        while (!_publisher->hasSubscribers()) // at least one; the others wait in awaitSender
            usleep(1000);
    }

    void send(Payload& payload, Fill fill, std::uint64_t sequence)
    {
        auto loan = _publisher->loan(static_cast<std::uint32_t>(payload.size()));
        if (loan.has_error())
            fail("iceoryx has no chunk left");
        auto* chunk = static_cast<std::uint8_t*>(loan.value());
        fillWith(chunk, payload, fill, sequence, true, [](auto* to, auto* from, auto size) { std::memcpy(to, from, size); });
        _publisher->publish(chunk);
    }

  private:
    std::optional<iox::popo::UntypedPublisher> _publisher;
};

class Iceoryx::Receiver
{
  public:
    Receiver(Iceoryx& iceoryx, Lane lane, int)
    {
        join();
        iox::popo::SubscriberOptions options;
        options.queueCapacity = iceoryx.queue;
        options.queueFullPolicy = iox::popo::QueueFullPolicy::BLOCK_PRODUCER;
        _subscriber.emplace(service(lane), options);
        _waitSet.emplace();
        if (_waitSet->attachState(*_subscriber, iox::popo::SubscriberState::HAS_DATA).has_error())
            fail("WaitSet");
    }

    void awaitSender()
    {
        while (_subscriber->getSubscriptionState() != iox::SubscribeState::SUBSCRIBED)
            usleep(1000);
    }

    bool tryReceive(View& view)
    {
        auto taken = _subscriber->take();
        if (taken.has_error())
            return false;
        _held = taken.value();
        const auto* header = iox::mepoo::ChunkHeader::fromUserPayload(_held);
        view = {static_cast<const std::uint8_t*>(_held), header->userPayloadSize(), header->sequenceNumber()};
        return true;
    }

    bool waitReceive(View& view)
    {
        if (tryReceive(view))
            return true;
        _waitSet->wait();
        return tryReceive(view);
    }

    void release() { _subscriber->release(_held); }

  private:
    std::optional<iox::popo::UntypedSubscriber> _subscriber;
    std::optional<iox::popo::WaitSet<>> _waitSet; // destroyed first
    const void* _held = nullptr;
};
} // namespace

int main(int argc, char** argv)
{
    const auto options = parse(argc, argv);
    if (options.size == 0)
        unsupported("iceoryx has no empty chunks");
    return runPeer<Iceoryx>(options);
}
