// SPDX-License-Identifier: Apache-2.0
// The node in C: sends all cases, and checks those of everybody.
#include <dora/dora.h>

#include "cases.h"

#define ME "c-node"
#define TEXT(t) t.ptr, t.len

static void require(dora_status status)
{
    if (status != DORA_OK)
    {
        fprintf(stderr, "%s: status %d: %s\n", ME, status, dora_last_error());
        exit(1);
    }
}

static dora_metadata_t *metadata_of(DoraParameters_t parameters)
{
    dora_metadata_t *metadata;
    require(dora_metadata_new(&metadata));
    for (size_t i = 0; i < parameters.len; i++)
    {
        const DoraParameter_t *p = &parameters.ptr[i];
        switch (p->kind)
        {
            case DORA_PARAMETER_BOOL: require(dora_metadata_set_bool(metadata, TEXT(p->key), p->value.boolean)); break;
            case DORA_PARAMETER_INTEGER: require(dora_metadata_set_integer(metadata, TEXT(p->key), p->value.integer)); break;
            case DORA_PARAMETER_FLOAT: require(dora_metadata_set_float(metadata, TEXT(p->key), p->value.floating)); break;
            case DORA_PARAMETER_STRING: require(dora_metadata_set_string(metadata, TEXT(p->key), TEXT(p->value.string))); break;
            case DORA_PARAMETER_INTEGERS: require(dora_metadata_set_integers(metadata, TEXT(p->key), p->value.integers, p->count)); break;
            case DORA_PARAMETER_FLOATS: require(dora_metadata_set_floats(metadata, TEXT(p->key), p->value.floats, p->count)); break;
            case DORA_PARAMETER_TIMESTAMP: require(dora_metadata_set_timestamp(metadata, TEXT(p->key), p->value.timestamp_ns)); break;
            default:
            {
                const char *texts[8];
                size_t lengths[8];
                for (size_t k = 0; k < p->count; k++)
                {
                    texts[k] = p->value.strings[k].ptr;
                    lengths[k] = p->value.strings[k].len;
                }
                require(dora_metadata_set_strings(metadata, TEXT(p->key), texts, lengths, p->count));
            }
        }
    }
    return metadata;
}

// Texts and lists of received parameters; enough for what is sent here, and given back all at once.
static uint64_t arena[1024];
static size_t used;

static void *arena_take(size_t bytes)
{
    void *place = &arena[used];
    used += (bytes + 7) / 8;
    if (used > sizeof arena / sizeof *arena)
    {
        fprintf(stderr, "%s: the parameters are larger than any that are sent here\n", ME);
        exit(1);
    }
    return place;
}

#define READ_TEXT(call, ...)                                              \
    do                                                                    \
    {                                                                     \
        size_t length;                                                    \
        require(call(__VA_ARGS__, NULL, 0, &length));                     \
        char *place = arena_take(length);                                 \
        require(call(__VA_ARGS__, place, length, &length));               \
        text.ptr = place;                                                 \
        text.len = length;                                                \
    } while (0)

static DoraParameters_t read_parameters(dora_metadata_t *metadata, DoraParameter_t *place, size_t room)
{
    DoraParameters_t parameters = {place, 0};
    require(dora_metadata_count(metadata, &parameters.len));
    if (parameters.len > room)
        parameters.len = room; // the checksum will differ
    for (size_t i = 0; i < parameters.len; i++)
    {
        DoraParameter_t *p = &place[i];
        DoraText_t text;
        int flag;
        READ_TEXT(dora_metadata_key_at, metadata, i);
        p->key = text;
        p->kind = dora_metadata_kind(metadata, TEXT(p->key));
        p->count = 0;
        switch (p->kind)
        {
            case DORA_PARAMETER_BOOL:
                require(dora_metadata_get_bool(metadata, TEXT(p->key), &flag));
                p->value.boolean = flag != 0;
                break;
            case DORA_PARAMETER_INTEGER: require(dora_metadata_get_integer(metadata, TEXT(p->key), &p->value.integer)); break;
            case DORA_PARAMETER_FLOAT: require(dora_metadata_get_float(metadata, TEXT(p->key), &p->value.floating)); break;
            case DORA_PARAMETER_TIMESTAMP: require(dora_metadata_get_timestamp(metadata, TEXT(p->key), &p->value.timestamp_ns)); break;
            case DORA_PARAMETER_STRING:
                READ_TEXT(dora_metadata_get_string, metadata, TEXT(p->key));
                p->value.string = text;
                break;
            case DORA_PARAMETER_INTEGERS:
            {
                require(dora_metadata_get_integers(metadata, TEXT(p->key), NULL, 0, &p->count));
                int64_t *values = arena_take(p->count * sizeof *values);
                require(dora_metadata_get_integers(metadata, TEXT(p->key), values, p->count, &p->count));
                p->value.integers = values;
                break;
            }
            case DORA_PARAMETER_FLOATS:
            {
                require(dora_metadata_get_floats(metadata, TEXT(p->key), NULL, 0, &p->count));
                double *values = arena_take(p->count * sizeof *values);
                require(dora_metadata_get_floats(metadata, TEXT(p->key), values, p->count, &p->count));
                p->value.floats = values;
                break;
            }
            case DORA_PARAMETER_STRINGS:
            {
                require(dora_metadata_get_strings_count(metadata, TEXT(p->key), &p->count));
                DoraText_t *texts = arena_take(p->count * sizeof *texts);
                for (size_t k = 0; k < p->count; k++)
                {
                    READ_TEXT(dora_metadata_get_string_at, metadata, TEXT(p->key), k);
                    texts[k] = text;
                }
                p->value.strings = texts;
                break;
            }
            default: break;
        }
    }
    return parameters;
}

static void send(dora_node_t *node, int number)
{
    DoraParameter_t place[PARAMETERS];
    struct ArrowArray array;
    struct ArrowSchema schema;
    dora_metadata_t *metadata = metadata_of(parameters_of(ME, number, place));
    if (is_bytes(number))
    {
        dora_loan_t *loan;
        uint8_t *data; // straight into shared memory
        require(dora_node_loan(node, "messages", 8, byte_counts[number], 0, &loan, &data));
        write_pattern(data, byte_counts[number]);
        require(dora_loan_send(loan, byte_counts[number], metadata));
    }
    else
    {
        make_array(case_names[number], &array, &schema);
        require(dora_node_send_arrow(node, "messages", 8, &array, &schema, metadata));
    }
    dora_metadata_free(metadata);
}

static bool check_event(Book *book, dora_event_t *event, char line[TEXT_LINE])
{
    const char *id;
    size_t id_length;
    require(dora_event_id(event, &id, &id_length));
    if (dora_event_type(event) == DORA_EVENT_INPUT_CLOSED)
        return close_peer(book, id, id_length, line);
    if (dora_event_type(event) != DORA_EVENT_INPUT)
        return true;

    Description received;
    if (dora_event_is_arrow(event))
    {
        struct ArrowArray array;
        struct ArrowSchema schema;
        require(dora_event_arrow(event, &array, &schema));
        received = describe_array(&array, &schema);
        array.release(&array);
        schema.release(&schema);
    }
    else
    {
        const uint8_t *data;
        size_t length;
        require(dora_event_data(event, &data, &length));
        received = describe_bytes(data, length);
    }

    DoraParameter_t place[PARAMETERS + 2];
    dora_metadata_t *metadata;
    used = 0;
    require(dora_event_metadata(event, &metadata));
    const bool is_good = check(book, id, id_length, read_parameters(metadata, place, PARAMETERS + 2), received, line);
    dora_metadata_free(metadata);
    return is_good;
}

int main(void)
{
    static Book book = {.me = ME};
    char line[TEXT_LINE];
    bool is_good = true;
    dora_node_t *node;
    dora_event_t *event;
    require(dora_node_init(&node));
    for (int number = 0; number < CASES; number++)
        send(node, number);
    while (is_good && book.complete < PEERS && dora_node_next_event(node, DORA_FOREVER, &event) == DORA_OK)
    {
        line[0] = 0;
        is_good = check_event(&book, event, line);
        if (line[0] != 0)
            puts(line);
        dora_event_free(event);
    }
    for (int peer = 0; is_good && peer < PEERS; peer++)
    {
        is_good = close_peer(&book, peers[peer], strlen(peers[peer]), line);
        if (!is_good)
            puts(line);
    }
    dora_node_free(node);
    return is_good ? 0 : 1;
}
