// SPDX-License-Identifier: Apache-2.0
// ZeroMQ over ipc://: PUSH to PULL for one subscriber, XPUB with XPUB_NODROP (blocks instead of dropping) to SUB for several.
#include "supervisor.hpp"

#include <zmq.h>

namespace
{
using namespace bench;

class ZeroMq
{
  public:
    static constexpr bool NumbersMessages = false;

    explicit ZeroMq(const Options& o) : options(o), _name("ipc://@dora-bench-" + std::to_string(getpid())) {}

    const char* name() const { return "zeromq"; }
    static std::vector<pid_t> helpers() { return {}; }

    /// An abstract name ("@"): the kernel forgets it with the socket, there is no file.
    std::string endpoint(Lane lane) const { return _name + (lane == Lane::Ping ? "-ping" : "-pong"); }

    /// A socket that queues ZeroMQ's usual 1 000 messages, but 64 MiB of large ones at most.
    void* open(int type) const
    {
        static void* context = zmq_ctx_new(); // per process, and never before the fork: it has threads
        void* socket = zmq_socket(context, type);
        const int highWater = static_cast<int>(std::clamp<std::size_t>((64u << 20) / (options.size + 1), 2, 1000)), second = 1000, none = 0, soon = 1;
        zmq_setsockopt(socket, ZMQ_SNDHWM, &highWater, sizeof highWater);
        zmq_setsockopt(socket, ZMQ_RCVHWM, &highWater, sizeof highWater);
        zmq_setsockopt(socket, ZMQ_RCVTIMEO, &second, sizeof second);
        zmq_setsockopt(socket, ZMQ_LINGER, &none, sizeof none); // all has arrived when it is closed
        zmq_setsockopt(socket, ZMQ_RECONNECT_IVL, &soon, sizeof soon); // ms; connected before the first message is sent
        return socket;
    }

    class Sender;
    class Receiver;

    const Options& options;

  private:
    std::string _name;
};

class ZeroMq::Sender
{
  public:
    Sender(ZeroMq& zmq, Lane lane, int receivers) : _receivers(receivers), _socket(zmq.open(receivers == 1 ? ZMQ_PUSH : ZMQ_XPUB))
    {
        const int yes = 1;
        if (receivers > 1)
            zmq_setsockopt(_socket, ZMQ_XPUB_NODROP, &yes, sizeof yes);
        if (receivers > 1) // each of several subscriptions to everything is to be told, not only the first
            zmq_setsockopt(_socket, ZMQ_XPUB_VERBOSE, &yes, sizeof yes);
        if (zmq_bind(_socket, zmq.endpoint(lane).c_str()) != 0)
            fail("zmq_bind");
    }

    ~Sender() { zmq_close(_socket); }

    void awaitReceivers()
    {
        char subscription[8];
        for (int k = 0; _receivers > 1 && k < _receivers;)
            k += zmq_recv(_socket, subscription, sizeof subscription, 0) > 0;
    }

    void send(Payload& payload, Fill fill, std::uint64_t sequence)
    {
        zmq_msg_t message;
        if (zmq_msg_init_size(&message, payload.size()) != 0)
            fail("zmq_msg_init_size");
        fillWith(static_cast<std::uint8_t*>(zmq_msg_data(&message)), payload, fill, sequence, false,
                 [](auto* to, auto* from, auto size) { std::memcpy(to, from, size); });
        if (zmq_msg_send(&message, _socket, 0) < 0)
            fail(std::string("zmq_msg_send: ") + zmq_strerror(zmq_errno()));
    }

  private:
    int _receivers;
    void* _socket;
};

class ZeroMq::Receiver
{
  public:
    Receiver(ZeroMq& zmq, Lane lane, int) : _socket(zmq.open(zmq.options.fan == 1 ? ZMQ_PULL : ZMQ_SUB))
    {
        if (zmq.options.fan > 1)
            zmq_setsockopt(_socket, ZMQ_SUBSCRIBE, "", 0);
        zmq_connect(_socket, zmq.endpoint(lane).c_str()); // tries again until the sender has bound
        zmq_msg_init(&_message);
    }

    ~Receiver()
    {
        zmq_msg_close(&_message);
        zmq_close(_socket);
    }

    void awaitSender() {}
    bool tryReceive(View& view) { return receive(view, ZMQ_DONTWAIT); }
    bool waitReceive(View& view) { return receive(view, 0); }
    void release() {} // the next zmq_msg_recv does it

  private:
    bool receive(View& view, int flags)
    {
        if (zmq_msg_recv(&_message, _socket, flags) < 0)
        {
            if (zmq_errno() != EAGAIN)
                fail(std::string("zmq_msg_recv: ") + zmq_strerror(zmq_errno()));
            return false;
        }
        view = {static_cast<const std::uint8_t*>(zmq_msg_data(&_message)), zmq_msg_size(&_message), 0};
        return true;
    }

    void* _socket;
    zmq_msg_t _message;
};
} // namespace

int main(int argc, char** argv)
{
    const auto options = parse(argc, argv);
    return runPeer<ZeroMq>(options);
}
