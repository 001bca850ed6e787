// SPDX-License-Identifier: Apache-2.0
// The nodes of Dora.Latency's ping-pong and throughput in C: the same work by the same rules, on dora/dora.h.
#include "bench.h"
#include "dora/dora.h"

static dora_node_t *node;
static struct settings s;
static const char *output;
static size_t output_length;
static uint8_t *bytes;

static void check(dora_status status)
{
    if (status != DORA_OK)
    {
        fprintf(stderr, "status %d: %s\n", (int)status, dora_last_error());
        exit(1);
    }
}

static void use_output(const char *name)
{
    output = name;
    output_length = strlen(name);
}

static void send_one(void)
{
    if (s.loans)
    {
        dora_loan_t *loan;
        uint8_t *data;
        check(dora_node_loan(node, output, output_length, (size_t)s.size, 0, &loan, &data));
        check(dora_loan_send(loan, (size_t)s.size, NULL));
    }
    else
        check(dora_node_send(node, output, output_length, bytes, (size_t)s.size, NULL));
}

static void send_marker(void)
{
    check(dora_node_send(node, output, output_length, "\0\0", marker_length(&s), NULL));
}

/* The length of the next message. */
static size_t receive(void)
{
    dora_event_t *event;
    dora_event_info_t info;
    check(dora_node_next_event(node, DORA_FOREVER, &event));
    check(dora_event_info(event, &info));
    must(info.type == DORA_EVENT_INPUT, "a message came");
    check(dora_event_free(event));
    return info.length;
}

static void exchange(void)
{
    send_one();
    for (int64_t i = 0; i < s.fan; i++)
        receive();
}

static void ping(const char *id)
{
    use_output("ping");
    struct meter meter = make_meter(1);
    int64_t *samples = malloc((size_t)s.messages * sizeof *samples);
    must(samples != NULL, "memory");
    memset(samples, -1, (size_t)s.messages * sizeof *samples);
    const int64_t start_ns = now_ns();
    exchange();
    const int64_t first_ns = (now_ns() - start_ns) / 2;
    int64_t warmups = 1;
    for (; warmups < s.warmup || now_ns() - start_ns < s.warmup_ns; warmups++)
        exchange();
    send_marker();
    for (int64_t i = 0; i < s.fan; i++)
        receive();

    meter_start(&meter);
    int64_t sent_ns = now_ns();
    for (int64_t n = 0; n < s.messages; n++)
    {
        exchange();
        const int64_t received_ns = now_ns();
        samples[n] = (received_ns - sent_ns) / 2;
        sent_ns = received_ns;
    }
    meter_stop(&meter);
    write_result(&s, id, &meter, warmups + s.messages, first_ns, samples);
    free(samples);
}

static void pong(const char *id)
{
    use_output("pong");
    struct meter meter = make_meter(0);
    int64_t count = 0, last = -1;
    dora_event_t *event;
    while (dora_node_next_event(node, DORA_FOREVER, &event) == DORA_OK)
    {
        dora_event_info_t info;
        check(dora_event_info(event, &info));
        check(dora_event_free(event));
        const int is_message = info.type == DORA_EVENT_INPUT;
        if (is_message && info.length == (size_t)s.size)
        {
            send_one();
            if (++count == last)
                meter_stop(&meter);
        }
        else if (is_message)
        {
            last = count + s.messages;
            meter_start(&meter);
            send_marker();
        }
    }
    write_result(&s, id, &meter, count, 0, NULL);
}

static void pump(const char *id)
{
    use_output("data");
    struct meter meter = make_meter(1);
    int64_t warmups = 0;
    dora_status status;
    while ((status = dora_node_try_send(node, output, output_length, bytes, (size_t)s.size, NULL)) == DORA_OK)
        warmups++;
    must(status == DORA_BACK_PRESSURED, "the queues are full");
    say_queues_are_full(&s);

    const int64_t start_ns = now_ns();
    for (; warmups < s.warmup || now_ns() - start_ns < s.warmup_ns; warmups++)
        send_one();
    send_marker();
    meter_start(&meter);
    for (int64_t n = s.messages; n > 0; n--)
        send_one();
    meter_stop(&meter);
    write_result(&s, id, &meter, warmups + s.messages, 0, NULL);
}

static void sink(const char *id)
{
    struct meter meter = make_meter(0);
    wait_for_full_queues(&s);
    int64_t count = 0;
    while (receive() == (size_t)s.size)
        count++;
    meter_start(&meter);
    for (int64_t n = s.messages; n > 0; n--, count++)
        receive();
    meter_stop(&meter);
    dora_event_t *event;
    while (dora_node_next_event(node, DORA_FOREVER, &event) == DORA_OK)
    {
        count += dora_event_type(event) == DORA_EVENT_INPUT; // more than were sent: the runner will say so
        check(dora_event_free(event));
    }
    write_result(&s, id, &meter, count, 0, NULL);
}

int main(int argc, char **argv)
{
    const char *id;
    size_t length;
    s = parse(argc, argv);
    bytes = make_bytes(s.size);
    check(dora_node_init(&node));
    check(dora_node_id(node, &id, &length));
    if (strcmp(s.role, "ping") == 0)
        ping(id);
    else if (strcmp(s.role, "pong") == 0)
        pong(id);
    else if (strcmp(s.role, "pump") == 0)
        pump(id);
    else if (strcmp(s.role, "sink") == 0)
        sink(id);
    else
        must(0, s.role);
    check(dora_node_free(node));
    free(bytes);
    return 0;
}
