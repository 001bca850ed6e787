// SPDX-License-Identifier: Apache-2.0
// Fast DDS, built twice: `fastdds` shares the writer's pool with its readers (data sharing), `fastdds-shm` copies through the
// shared-memory transport. Loans on both sides in both.
#include "supervisor.hpp"

#include <fastdds/dds/domain/DomainParticipant.hpp>
#include <fastdds/dds/domain/DomainParticipantFactory.hpp>
#include <fastdds/dds/publisher/DataWriter.hpp>
#include <fastdds/dds/publisher/Publisher.hpp>
#include <fastdds/dds/subscriber/DataReader.hpp>
#include <fastdds/dds/subscriber/SampleInfo.hpp>
#include <fastdds/dds/subscriber/Subscriber.hpp>
#include <fastdds/dds/topic/TopicDataType.hpp>
#include <fastdds/dds/topic/TypeSupport.hpp>
#include <fastdds/rtps/transport/shared_mem/SharedMemTransportDescriptor.h>

namespace
{
using namespace bench;
using namespace eprosima::fastdds::dds;
using eprosima::fastrtps::types::ReturnCode_t;

struct Block // of the run's size
{
    std::uint8_t bytes[1];
};
FASTDDS_SEQUENCE(BlockSeq, Block);

/// N bytes, plain: what makes loans possible. 4 bytes of encapsulation header go before them.
class BlockType : public TopicDataType
{
  public:
    explicit BlockType(std::size_t size) : _size(static_cast<std::uint32_t>(size))
    {
        setName("Block");
        m_typeSize = _size + 4;
        m_isGetKeyDefined = false;
        auto_fill_type_object(false);
        auto_fill_type_information(false);
    }

    bool serialize(void* data, eprosima::fastrtps::rtps::SerializedPayload_t* payload) override
    {
        const std::uint8_t header[4] = {0, 1, 0, 0}; // plain CDR, little endian
        std::memcpy(payload->data, header, sizeof header);
        std::memcpy(payload->data + 4, data, _size);
        payload->encapsulation = CDR_LE;
        payload->length = _size + 4;
        return true;
    }
    bool deserialize(eprosima::fastrtps::rtps::SerializedPayload_t* payload, void* data) override
    {
        std::memcpy(data, payload->data + 4, _size);
        return payload->length == _size + 4;
    }
    std::function<std::uint32_t()> getSerializedSizeProvider(void*) override
    {
        return [size = _size + 4] { return size; };
    }
    void* createData() override { return std::malloc(_size); }
    void deleteData(void* data) override { std::free(data); }
    bool getKey(void*, eprosima::fastrtps::rtps::InstanceHandle_t*, bool) override { return false; }
    bool is_bounded() const override { return true; }
    bool is_plain() const override { return true; }
    bool construct_sample(void*) const override { return true; }

  private:
    std::uint32_t _size;
};

class FastDds
{
  public:
    static constexpr bool NumbersMessages = false;

    explicit FastDds(const Options& o)
        : options(o), depth(static_cast<std::int32_t>(std::clamp<std::size_t>((64u << 20) / o.size, 4, 500))), _domain(1 + getpid() % 200),
          released(static_cast<std::atomic<std::uint64_t>*>(map(sizeof(std::uint64_t) * 16 * 2 * MaxFan))), _files("/dev/shm", {"fastrtps_", "sem.fastrtps_", "fast_datasharing"})
    {
    }
    ~FastDds() { _files.remove(); }

    const char* name() const { return DATA_SHARING ? "fastdds" : "fastdds-shm"; }
    static std::vector<pid_t> helpers() { return {}; }

    /// One per process, made after the fork. Shared memory carries discovery and acknowledgements too: no packet crosses the IP stack.
    DomainParticipant* participant() const
    {
        static DomainParticipant* const joined = [&] {
            auto transport = std::make_shared<eprosima::fastdds::rtps::SharedMemTransportDescriptor>();
            if (!DATA_SHARING)
            {
                // Up to 8 MiB in one piece where 64 KiB is the default, larger ones in pieces of 1 MiB; room for four messages. A segment
                // of more than 128 MiB stalls (40 MiB messages in one piece need one), and pieces were faster there anyway.
                const auto piece = options.size <= (8u << 20) ? options.size + 4096 : std::size_t{1} << 20;
                transport->max_message_size(static_cast<std::uint32_t>(std::max<std::size_t>(piece, 65'536)));
                transport->segment_size(static_cast<std::uint32_t>(std::clamp<std::size_t>(4 * options.size, 8u << 20, 128u << 20)));
            }
            DomainParticipantQos qos;
            qos.transport().use_builtin_transports = false;
            qos.transport().user_transports.push_back(transport);
            auto* made = DomainParticipantFactory::get_instance()->create_participant(static_cast<DomainId_t>(_domain), qos);
            if (made == nullptr || TypeSupport(new BlockType(options.size)).register_type(made) != ReturnCode_t::RETCODE_OK)
                fail("participant");
            return made;
        }();
        return joined;
    }

    /// Once per process, when its endpoints are done with: takes its files away.
    void leave() const
    {
        static bool left = false;
        if (left)
            return;
        left = true;
        participant()->delete_contained_entities();
        DomainParticipantFactory::get_instance()->delete_participant(participant());
    }

    Topic* topic(Lane lane) const { return participant()->create_topic(lane == Lane::Ping ? "ping" : "pong", "Block", TOPIC_QOS_DEFAULT); }

    /// Lossless: reliable, keep all; the pool is allocated at the start: 64 MiB of messages, 4 to 500.
    template <class Qos> Qos endpointQos(Qos qos) const
    {
        qos.reliability().kind = RELIABLE_RELIABILITY_QOS;
        qos.reliability().max_blocking_time = {60, 0};
        qos.history().kind = KEEP_ALL_HISTORY_QOS;
        auto& limits = qos.resource_limits();
        limits.max_samples = limits.max_samples_per_instance = limits.allocated_samples = depth;
        limits.max_instances = 1;
        qos.endpoint().history_memory_policy = eprosima::fastrtps::rtps::PREALLOCATED_MEMORY_MODE;
        if (DATA_SHARING)
            qos.data_sharing().on("/dev/shm");
        else
            qos.data_sharing().off();
        return qos;
    }

    /// By lane and subscriber: messages it is done with. A cache line each; anonymous memory of the run's processes.
    std::atomic<std::uint64_t>& releasedBy(Lane lane, int index) const { return released[16 * (index + (lane == Lane::Pong ? MaxFan : 0))]; }

    class Sender;
    class Receiver;

    const Options& options;
    const std::int32_t depth;

  private:
    int _domain;
    std::atomic<std::uint64_t>* released;
    Leftovers _files;
};

class FastDds::Sender
{
  public:
    Sender(FastDds& dds, Lane lane, int receivers) : _dds(dds), _lane(lane), _receivers(receivers)
    {
        auto qos = dds.endpointQos(DATAWRITER_QOS_DEFAULT);
        qos.publish_mode().kind = SYNCHRONOUS_PUBLISH_MODE;
        qos.reliable_writer_qos().times.heartbeatPeriod = {0, 20'000'000}; // 20 ms in place of 3 s: a full writer waits for acknowledgements
        _writer = dds.participant()->create_publisher(PUBLISHER_QOS_DEFAULT)->create_datawriter(dds.topic(lane), qos);
        if (_writer == nullptr)
            fail("writer");
    }
    ~Sender() { _dds.leave(); }

    void awaitReceivers()
    {
        PublicationMatchedStatus status;
        while (_writer->get_publication_matched_status(status) == ReturnCode_t::RETCODE_OK && status.current_count < _receivers)
            usleep(1000);
    }

    void send(Payload& payload, Fill fill, std::uint64_t sequence)
    {
        // A reader of shared pools acknowledges before its application has taken a message, which the writer then overwrites: with data
        // sharing "reliable, keep all" loses messages of a reader that is behind. Hence a credit window, as cheap as can be.
        if (DATA_SHARING)
            for (int k = 0; k < _receivers; k++)
                while (sequence - _dds.releasedBy(_lane, k).load(std::memory_order_acquire) > static_cast<std::uint64_t>(_dds.depth - 3))
                    sched_yield();
        void* sample = nullptr;
        // Loans don't wait for room as writes do. With one in hand there is room for the write as well.
        for (int i = 0; _writer->loan_sample(sample) != ReturnCode_t::RETCODE_OK; i++)
            if (i < 100)
                sched_yield();
            else
                _writer->wait_for_acknowledgments({0, 1'000'000});
        fillWith(static_cast<std::uint8_t*>(sample), payload, fill, sequence, false, [](auto* to, auto* from, auto size) { std::memcpy(to, from, size); });
        if (!_writer->write(sample))
            fail("write");
    }

  private:
    FastDds& _dds;
    Lane _lane;
    DataWriter* _writer;
    int _receivers;
};

class FastDds::Receiver
{
  public:
    Receiver(FastDds& dds, Lane lane, int index) : _dds(dds), _size(dds.options.size), _released(dds.releasedBy(lane, index))
    {
        _reader = dds.participant()->create_subscriber(SUBSCRIBER_QOS_DEFAULT)->create_datareader(dds.topic(lane), dds.endpointQos(DATAREADER_QOS_DEFAULT));
        if (_reader == nullptr)
            fail("reader");
    }
    ~Receiver() { _dds.leave(); }

    void awaitSender()
    {
        SubscriptionMatchedStatus status;
        while (_reader->get_subscription_matched_status(status) == ReturnCode_t::RETCODE_OK && status.current_count < 1)
            usleep(1000);
    }

    bool tryReceive(View& view)
    {
        if (_reader->take(_blocks, _infos, 1) != ReturnCode_t::RETCODE_OK)
            return false;
        if (!_infos[0].valid_data)
            fail("the writer has gone");
        view = {_blocks[0].bytes, _size, 0}; // the type's size is the message's: there is no other
        return true;
    }

    bool waitReceive(View& view) { return tryReceive(view) || (_reader->wait_for_unread_message({1, 0}) && tryReceive(view)); }
    void release()
    {
        _reader->return_loan(_blocks, _infos);
        _released.fetch_add(1, std::memory_order_release);
    }

  private:
    FastDds& _dds;
    std::size_t _size;
    std::atomic<std::uint64_t>& _released;
    DataReader* _reader;
    BlockSeq _blocks;
    SampleInfoSeq _infos;
};
} // namespace

int main(int argc, char** argv)
{
    const auto options = parse(argc, argv);
    if (options.size == 0)
        unsupported("a plain type of 0 bytes");
    return runPeer<FastDds>(options);
}
