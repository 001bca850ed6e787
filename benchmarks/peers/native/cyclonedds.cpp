// SPDX-License-Identifier: Apache-2.0
// Eclipse Cyclone DDS over UDP loopback (its shared memory needs iceoryx: that peer is measured by itself), reliable, keep all.
#include "supervisor.hpp"

#include "blob.h"
#include <dds/dds.h>

namespace
{
using namespace bench;

// Loopback datagrams of up to 64 KiB instead of 1.3 KiB fragments; socket buffers as large as the kernel allows (a message of 4 MiB
// otherwise overflows them and waits 100 ms for its retransmission); unicast discovery at localhost: multicast is off on most lo.
constexpr const char* Configuration = R"(<CycloneDDS><Domain id="any">
  <General>
    <Interfaces><NetworkInterface name="lo"/></Interfaces><AllowMulticast>false</AllowMulticast>
    <MaxMessageSize>65500B</MaxMessageSize><FragmentSize>65000B</FragmentSize>
  </General>
  <Discovery>
    <ParticipantIndex>auto</ParticipantIndex><MaxAutoParticipantIndex>40</MaxAutoParticipantIndex>
    <Peers><Peer address="localhost"/></Peers>
  </Discovery>
  <Internal><SocketReceiveBufferSize max="%zuB"/><SocketSendBufferSize max="%zuB"/></Internal>
  <Tracing><Verbosity>none</Verbosity></Tracing>
</Domain></CycloneDDS>)";

dds_entity_t checked(dds_entity_t entity, const char* what)
{
    if (entity < 0)
        fail(std::string(what) + ": " + dds_strretcode(entity));
    return entity;
}

class Cyclone
{
  public:
    static constexpr bool NumbersMessages = false;

    explicit Cyclone(const Options& o) : options(o), _domain(1 + static_cast<dds_domainid_t>(getpid()) % 200)
    {
        char text[2048];
        std::snprintf(text, sizeof text, Configuration, kernelLimit("rmem_max"), kernelLimit("wmem_max"));
        setenv("CYCLONEDDS_URI", text, 1);
    }

    const char* name() const { return "cyclonedds"; }
    static std::vector<pid_t> helpers() { return {}; }

    dds_entity_t participant()
    {
        static const dds_entity_t joined = checked(dds_create_participant(_domain, nullptr, nullptr), "participant"); // after the fork
        return joined;
    }

    dds_entity_t topic(Lane lane)
    {
        return checked(dds_create_topic(participant(), &bench_Blob_desc, lane == Lane::Ping ? "ping" : "pong", nullptr, nullptr), "topic");
    }

    /// Lossless: reliable, nothing is replaced; a reader holds 256 MiB (at least 8 messages) before its receive thread waits.
    dds_qos_t* qos(bool reader) const
    {
        auto* qos = dds_create_qos();
        dds_qset_reliability(qos, DDS_RELIABILITY_RELIABLE, DDS_INFINITY);
        dds_qset_history(qos, DDS_HISTORY_KEEP_ALL, 0);
        if (reader)
        {
            const auto most = static_cast<std::int32_t>(std::clamp<std::size_t>((256u << 20) / (options.size + 1), 8, 1'000'000));
            dds_qset_resource_limits(qos, most, DDS_LENGTH_UNLIMITED, most);
        }
        return qos;
    }

    class Sender;
    class Receiver;

    const Options& options;

  private:
    static std::size_t kernelLimit(const char* name)
    {
        std::size_t bytes = 212'992;
        if (FILE* file = std::fopen((std::string("/proc/sys/net/core/") + name).c_str(), "r"))
        {
            if (std::fscanf(file, "%zu", &bytes) != 1)
                bytes = 212'992;
            std::fclose(file);
        }
        return bytes;
    }

    dds_domainid_t _domain;
};

class Cyclone::Sender
{
  public:
    Sender(Cyclone& cyclone, Lane lane, int receivers) : _receivers(receivers)
    {
        auto* qos = cyclone.qos(false);
        _writer = checked(dds_create_writer(cyclone.participant(), cyclone.topic(lane), qos, nullptr), "writer");
        dds_delete_qos(qos);
    }

    void awaitReceivers()
    {
        dds_publication_matched_status_t status{};
        while (dds_get_publication_matched_status(_writer, &status) == 0 && static_cast<int>(status.current_count) < _receivers)
            usleep(1000);
    }

    void send(Payload& payload, Fill, std::uint64_t sequence)
    {
        payload.number(sequence);
        bench_Blob blob{}; // points at the source: dds_write makes the only copy on this side
        blob.bytes._buffer = payload.data();
        blob.bytes._length = blob.bytes._maximum = static_cast<std::uint32_t>(payload.size());
        const auto status = dds_write(_writer, &blob);
        if (status != DDS_RETCODE_OK)
            fail(std::string("dds_write: ") + dds_strretcode(status));
    }

  private:
    dds_entity_t _writer;
    int _receivers;
};

class Cyclone::Receiver
{
  public:
    Receiver(Cyclone& cyclone, Lane lane, int)
    {
        auto* qos = cyclone.qos(true);
        _reader = checked(dds_create_reader(cyclone.participant(), cyclone.topic(lane), qos, nullptr), "reader");
        dds_delete_qos(qos);
        _waitSet = checked(dds_create_waitset(cyclone.participant()), "waitset");
        checked(dds_waitset_attach(_waitSet, checked(dds_create_readcondition(_reader, DDS_ANY_STATE), "condition"), 0), "attach");
    }

    void awaitSender()
    {
        dds_subscription_matched_status_t status{};
        while (dds_get_subscription_matched_status(_reader, &status) == 0 && status.current_count < 1)
            usleep(1000);
    }

    bool tryReceive(View& view)
    {
        dds_sample_info_t info;
        _sample = nullptr; // asks for a loan of the deserialised sample
        const auto count = dds_take(_reader, &_sample, &info, 1, 1);
        if (count < 0)
            fail(std::string("dds_take: ") + dds_strretcode(count));
        if (count == 0)
            return false;
        if (!info.valid_data)
            fail("the writer has gone");
        const auto& bytes = static_cast<bench_Blob*>(_sample)->bytes;
        view = {bytes._buffer, bytes._length, 0};
        return true;
    }

    bool waitReceive(View& view)
    {
        if (tryReceive(view))
            return true;
        dds_waitset_wait(_waitSet, nullptr, 0, DDS_SECS(1));
        return tryReceive(view);
    }

    void release() { dds_return_loan(_reader, &_sample, 1); }

  private:
    dds_entity_t _reader, _waitSet;
    void* _sample = nullptr;
};
} // namespace

int main(int argc, char** argv)
{
    const auto options = parse(argc, argv);
    if (options.fill == Fill::Loan)
        unsupported("Cyclone DDS lends samples only over shared memory");
    return runPeer<Cyclone>(options);
}
