// SPDX-License-Identifier: Apache-2.0
// A UNIX stream socket per subscriber, 16 bytes of header before each payload: what one writes by hand without any library.
#include "supervisor.hpp"

#include <sys/socket.h>
#include <sys/uio.h>

namespace
{
using namespace bench;

struct Header
{
    std::uint64_t size, sequence;
};

class Sockets
{
  public:
    static constexpr bool NumbersMessages = true;

    explicit Sockets(const Options& o) : options(o)
    {
        for (int k = 0; k < o.fan + 1; k++) // the last is the way back
            if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, _pairs[k]) != 0)
                fail("socketpair");
    }

    const char* name() const { return "uds-c"; }
    static std::vector<pid_t> helpers() { return {}; }
    int from(Lane lane, int index) const { return _pairs[lane == Lane::Ping ? index : options.fan][0]; }
    int to(Lane lane, int index) const { return _pairs[lane == Lane::Ping ? index : options.fan][1]; }

    class Sender;
    class Receiver;

    const Options& options;

  private:
    int _pairs[MaxFan + 1][2];
};

class Sockets::Sender
{
  public:
    Sender(Sockets& sockets, Lane lane, int receivers) : _sockets(sockets), _lane(lane), _receivers(receivers) {}
    void awaitReceivers() {}

    void send(Payload& payload, Fill fill, std::uint64_t sequence)
    {
        if (fill != Fill::Loan)
            payload.number(sequence);
        const Header header{payload.size(), sequence};
        for (int k = 0; k < _receivers; k++) // the kernel copies from the source: there is no buffer of ours in between
            sendAll(_sockets.from(_lane, k), header, payload);
    }

  private:
    static void sendAll(int socket, const Header& header, Payload& payload)
    {
        const auto total = sizeof header + payload.size();
        for (std::size_t sent = 0; sent < total;)
        {
            iovec parts[2] = {{const_cast<Header*>(&header), sizeof header}, {payload.data(), payload.size()}};
            const auto ofHeader = std::min(sent, sizeof header), ofPayload = sent - ofHeader;
            parts[0] = {reinterpret_cast<std::uint8_t*>(parts[0].iov_base) + ofHeader, parts[0].iov_len - ofHeader};
            parts[1] = {payload.data() + ofPayload, parts[1].iov_len - ofPayload};
            const auto n = writev(socket, parts, 2);
            if (n < 0 && errno != EINTR)
                fail("writev");
            sent += n < 0 ? 0 : static_cast<std::size_t>(n);
        }
    }

    Sockets& _sockets;
    Lane _lane;
    int _receivers;
};

class Sockets::Receiver
{
  public:
    Receiver(Sockets& sockets, Lane lane, int index)
        : _socket(sockets.to(lane, index)), _buffer(std::max<std::size_t>(256 << 10, 2 * (sockets.options.size + sizeof(Header))))
    {
    }

    void awaitSender() {}
    bool tryReceive(View& view) { return parse(view) || (read(MSG_DONTWAIT) && parse(view)); }
    bool waitReceive(View& view) { return parse(view) || (read(0) && parse(view)); }

    void release()
    {
        _start += _taken;
        if (_start == _end)
            _start = _end = 0;
    }

  private:
    bool parse(View& view)
    {
        Header header;
        if (_end - _start < sizeof header)
            return false;
        std::memcpy(&header, &_buffer[_start], sizeof header);
        if (_end - _start < sizeof header + header.size)
            return false;
        _taken = sizeof header + header.size;
        view = {&_buffer[_start + sizeof header], header.size, header.sequence};
        return true;
    }

    /// As much as is there and fits: one system call brings many small messages.
    bool read(int flags)
    {
        if (_start > _buffer.size() / 2)
        {
            std::memmove(&_buffer[0], &_buffer[_start], _end - _start);
            _end -= _start;
            _start = 0;
        }
        const auto n = recv(_socket, &_buffer[_end], _buffer.size() - _end, flags);
        if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR))
            fail("recv");
        _end += n < 0 ? 0 : static_cast<std::size_t>(n);
        return n > 0;
    }

    int _socket;
    std::vector<std::uint8_t> _buffer;
    std::size_t _start = 0, _end = 0, _taken = 0;
};
} // namespace

int main(int argc, char** argv)
{
    const auto options = parse(argc, argv);
    return runPeer<Sockets>(options);
}
