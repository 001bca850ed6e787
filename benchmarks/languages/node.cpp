// SPDX-License-Identifier: Apache-2.0
// The nodes of Dora.Latency's ping-pong and throughput in C++: the same work by the same rules, on dora/node.hpp.
#include <memory>
#include <string>
#include <vector>

#include "bench.h"
#include "dora/node.hpp"

namespace
{
class bench
{
public:
    bench(const settings &told, dora::node &joined)
        : s(told), node(joined), id(joined.id()), made(make_bytes(told.size), &std::free),
          data(made.get(), static_cast<std::size_t>(told.size))
    {
    }

    void ping()
    {
        output = "ping";
        meter used = make_meter(1);
        std::vector<std::int64_t> samples(static_cast<std::size_t>(s.messages), -1);
        const std::int64_t start_ns = now_ns();
        exchange();
        const std::int64_t first_ns = (now_ns() - start_ns) / 2;
        std::int64_t warmups = 1;
        for (; warmups < s.warmup || now_ns() - start_ns < s.warmup_ns; warmups++)
            exchange();
        send_marker();
        for (std::int64_t i = 0; i < s.fan; i++)
            receive();

        meter_start(&used);
        std::int64_t sent_ns = now_ns();
        for (std::int64_t &sample : samples)
        {
            exchange();
            const std::int64_t received_ns = now_ns();
            sample = (received_ns - sent_ns) / 2;
            sent_ns = received_ns;
        }
        meter_stop(&used);
        write_result(&s, id.c_str(), &used, warmups + s.messages, first_ns, samples.data());
    }

    void pong()
    {
        output = "pong";
        meter used = make_meter(0);
        std::int64_t count = 0, last = -1;
        for (dora::event event : node.events())
        {
            if (!event.is_input())
                continue;
            const std::size_t length = event.data().size();
            event.reset();
            if (length == data.size())
            {
                send();
                if (++count == last)
                    meter_stop(&used);
            }
            else
            {
                last = count + s.messages;
                meter_start(&used);
                send_marker();
            }
        }
        write_result(&s, id.c_str(), &used, count, 0, nullptr);
    }

    void pump()
    {
        output = "data";
        meter used = make_meter(1);
        std::int64_t warmups = 0;
        dora::status status;
        while ((status = node.try_send(output, data)) == dora::status::ok)
            warmups++;
        must(status == dora::status::back_pressured, "the queues are full");
        say_queues_are_full(&s);

        const std::int64_t start_ns = now_ns();
        for (; warmups < s.warmup || now_ns() - start_ns < s.warmup_ns; warmups++)
            send();
        send_marker();
        meter_start(&used);
        for (std::int64_t n = s.messages; n > 0; n--)
            send();
        meter_stop(&used);
        write_result(&s, id.c_str(), &used, warmups + s.messages, 0, nullptr);
    }

    void sink()
    {
        meter used = make_meter(0);
        wait_for_full_queues(&s);
        std::int64_t count = 0;
        while (receive() == data.size())
            count++;
        meter_start(&used);
        for (std::int64_t n = s.messages; n > 0; n--, count++)
            receive();
        meter_stop(&used);
        while (dora::event event = node.next())
            count += event.is_input(); // more than were sent: the runner will say so
        write_result(&s, id.c_str(), &used, count, 0, nullptr);
    }

private:
    void send()
    {
        if (s.loans)
            check(node.lend(output, data.size()).send());
        else
            check(node.send(output, data));
    }

    void send_marker()
    {
        check(node.send(output, data.size() == 1 ? "xx" : "x"));
    }

    // The length of the next message.
    std::size_t receive()
    {
        const dora::event event = node.next();
        must(event && event.is_input(), "a message came");
        return event.data().size();
    }

    void exchange()
    {
        send();
        for (std::int64_t i = 0; i < s.fan; i++)
            receive();
    }

    static void check(dora::status status)
    {
        must(status == dora::status::ok, "the message is sent");
    }

    settings s;
    dora::node &node;
    std::string id;
    std::unique_ptr<std::uint8_t, decltype(&std::free)> made;
    dora::bytes data;
    std::string_view output;
};
} // namespace

int main(int argc, char **argv)
{
    const settings s = parse(argc, argv);
    dora::node node = dora::node::from_env();
    bench run(s, node);
    const std::string_view role = s.role;
    if (role == "ping")
        run.ping();
    else if (role == "pong")
        run.pong();
    else if (role == "pump")
        run.pump();
    else if (role == "sink")
        run.sink();
    else
        must(false, s.role);
}
