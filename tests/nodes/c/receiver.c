// SPDX-License-Identifier: Apache-2.0
// Asks sender.c for its messages and checks every one, directly and by way of relay.c.
#include <dora/arrow.h>
#include "check.h"

static int plain_count[2], arrow_count[2], loan_count; // [1]: by way of the relay

static void check_key(dora_metadata_t *metadata, size_t index, const char *expected)
{
    char key[32];
    size_t length;
    CHECK(dora_metadata_key_at(metadata, index, key, sizeof key, &length) == DORA_OK);
    CHECK(is_text(key, length, expected));
}

static void check_metadata(dora_event_t *event, int64_t expected)
{
    dora_metadata_t *m;
    size_t count, length;
    int flag;
    int64_t integer, integers[3];
    double number, floats[2];
    uint64_t stamp;
    char text[16];

    CHECK(dora_event_has_metadata(event) == 1);
    CHECK(dora_event_metadata(event, &m) == DORA_OK);
    CHECK(dora_metadata_count(m, &count) == DORA_OK && count == 8);
    check_key(m, 0, "bool");
    check_key(m, 7, "timestamp");
    CHECK(dora_metadata_key_at(m, 8, text, sizeof text, &length) == DORA_ERROR_NOT_FOUND);

    CHECK(dora_metadata_kind(m, TEXT("bool")) == DORA_PARAMETER_BOOL);
    CHECK(dora_metadata_get_bool(m, TEXT("bool"), &flag) == DORA_OK && flag == 1);
    CHECK(dora_metadata_kind(m, TEXT("integer")) == DORA_PARAMETER_INTEGER);
    CHECK(dora_metadata_get_integer(m, TEXT("integer"), &integer) == DORA_OK && integer == expected);
    CHECK(dora_metadata_kind(m, TEXT("float")) == DORA_PARAMETER_FLOAT);
    CHECK(dora_metadata_get_float(m, TEXT("float"), &number) == DORA_OK && number == 2.25);
    CHECK(dora_metadata_kind(m, TEXT("string")) == DORA_PARAMETER_STRING);
    CHECK(dora_metadata_get_string(m, TEXT("string"), NULL, 0, &length) == DORA_OK && length == 6);
    CHECK(dora_metadata_get_string(m, TEXT("string"), text, sizeof text, &length) == DORA_OK && is_text(text, length, "gr\xc3\xbc\xc3\x9f"));
    CHECK(dora_metadata_kind(m, TEXT("integers")) == DORA_PARAMETER_INTEGERS);
    CHECK(dora_metadata_get_integers(m, TEXT("integers"), integers, 3, &count) == DORA_OK && count == 3);
    CHECK(integers[0] == 1 && integers[1] == -2 && integers[2] == INT64_MAX);
    CHECK(dora_metadata_kind(m, TEXT("floats")) == DORA_PARAMETER_FLOATS);
    CHECK(dora_metadata_get_floats(m, TEXT("floats"), floats, 2, &count) == DORA_OK && count == 2);
    CHECK(floats[0] == 0.5 && floats[1] == -1e300);
    CHECK(dora_metadata_kind(m, TEXT("strings")) == DORA_PARAMETER_STRINGS);
    CHECK(dora_metadata_get_strings_count(m, TEXT("strings"), &count) == DORA_OK && count == 3);
    CHECK(dora_metadata_get_string_at(m, TEXT("strings"), 2, text, sizeof text, &length) == DORA_OK && is_text(text, length, "dr\xc3\xa4i"));
    CHECK(dora_metadata_kind(m, TEXT("timestamp")) == DORA_PARAMETER_TIMESTAMP);
    CHECK(dora_metadata_get_timestamp(m, TEXT("timestamp"), &stamp) == DORA_OK && stamp == 1700000000123456789u);

    CHECK(dora_metadata_kind(m, TEXT("removed")) == DORA_PARAMETER_NONE);
    CHECK(dora_metadata_get_integer(m, TEXT("removed"), &integer) == DORA_ERROR_NOT_FOUND);
    CHECK(dora_metadata_get_integer(m, TEXT("string"), &integer) == DORA_ERROR_INVALID_ARGUMENT);
    CHECK(dora_metadata_free(m) == DORA_OK);
}

static void check_plain(dora_event_t *event, int which)
{
    const uint8_t *data;
    size_t length;
    CHECK(dora_event_data(event, &data, &length) == DORA_OK);
    CHECK(dora_event_is_arrow(event) == 0);
    dora_event_info_t info;
    const char *id;
    size_t id_length;
    uint64_t timestamp, sequence;
    CHECK(dora_event_id(event, &id, &id_length) == DORA_OK);
    CHECK(dora_event_timestamp(event, &timestamp) == DORA_OK && dora_event_sequence(event, &sequence) == DORA_OK);
    CHECK(dora_event_info(event, &info) == DORA_OK && info.type == DORA_EVENT_INPUT);
    CHECK(info.id == id && info.id_length == id_length && info.data == data && info.length == length);
    CHECK(info.timestamp == timestamp && info.sequence == sequence);
    CHECK(info.flags == (dora_event_has_metadata(event) ? DORA_EVENT_HAS_METADATA : 0u));
    switch (plain_count[which]++)
    {
        case 0:
            CHECK(is_text((const char *)data, length, "hello"));
            check_metadata(event, INT64_MIN);
            break;
        case 1:
            CHECK(length == 0);
            check_metadata(event, 7);
            break;
        default:
            CHECK(is_text((const char *)data, length, "last"));
            CHECK(dora_event_has_metadata(event) == 0);
            break;
    }
}

static void check_loaned(dora_event_t *event)
{
    const uint8_t *data;
    size_t length;
    CHECK(dora_event_data(event, &data, &length) == DORA_OK);
    CHECK(length == (loan_count++ == 0 ? 1u << 20 : 1000u));
    CHECK((uintptr_t)data % 64 == 0);
    for (size_t i = 0; i < length; i++)
        CHECK(data[i] == pattern(i));
}

static void check_arrow(dora_event_t *event, int which, struct ArrowArray *array)
{
    struct ArrowSchema schema;
    dora_metadata_t *metadata;
    char text[8];
    size_t length;
    arrow_count[which]++;
    CHECK(dora_event_is_arrow(event) == 1);
    CHECK(dora_event_arrow(event, array, &schema) == DORA_OK);
    CHECK(strcmp(schema.format, "l") == 0 && array->length == 4 && array->null_count == 1 && array->n_buffers == 2);
    schema.release(&schema);
    CHECK(dora_event_metadata(event, &metadata) == DORA_OK);
    CHECK(dora_metadata_get_string(metadata, TEXT("unit"), text, sizeof text, &length) == DORA_OK && is_text(text, length, "mm"));
    CHECK(dora_metadata_free(metadata) == DORA_OK);
}

static void check_values(struct ArrowArray *array)
{
    const int64_t *values = array->buffers[1];
    const uint8_t *valid = array->buffers[0];
    CHECK(((*valid >> array->offset) & 0xF) == 0x0D);
    values += array->offset;
    CHECK(values[0] == 10 && values[2] == 30 && values[3] == 40);
    array->release(array);
    CHECK(array->release == NULL);
}

int main(void)
{
    dora_node_t *node;
    dora_event_t *event;
    const char *text;
    size_t length;
    uint64_t stamp, now, sequence;
    uint32_t restarts;
    CHECK(dora_abi_version() >= DORA_ABI_VERSION && dora_abi_version() / 1000 == DORA_ABI_VERSION / 1000);
    CHECK(dora_node_init(&node) == DORA_OK);
    CHECK(dora_node_id(node, &text, &length) == DORA_OK && is_text(text, length, "receiver") && text[length] == 0);
    CHECK(dora_node_dataflow_id(node, &text, &length) == DORA_OK && length > 0);
    CHECK(dora_node_dataflow_descriptor(node, &text, &length) == DORA_OK && strstr(text, "receiver") != NULL);
    CHECK(dora_node_config_json(node, &text, &length) == DORA_OK && text[0] == '{' && strstr(text, "\"queue_policy\":\"backpressure\"") != NULL);
    CHECK(dora_node_restart_count(node, &restarts) == DORA_OK && restarts == 0);
    CHECK(dora_node_log(node, DORA_LOG_WARN, TEXT("this is a warning"), TEXT("c.test")) == DORA_OK);

    // Nothing can come before it is asked for.
    CHECK(dora_node_next_event(node, 0, &event) == DORA_TIMEOUT && event == NULL);
    CHECK(dora_node_next_event(node, 2 * 1000 * 1000, &event) == DORA_TIMEOUT);
    CHECK(dora_node_send(node, TEXT("go"), NULL, 0, NULL) == DORA_OK);

    int closed = 0, stopped = 0;
    dora_status status;
    while ((status = dora_node_next_event(node, DORA_FOREVER, &event)) == DORA_OK)
    {
        CHECK(dora_event_id(event, &text, &length) == DORA_OK);
        switch (dora_event_type(event))
        {
            case DORA_EVENT_INPUT:
                CHECK(dora_event_timestamp(event, &stamp) == DORA_OK && dora_node_timestamp(node, &now) == DORA_OK && now > stamp);
                CHECK(dora_event_sequence(event, &sequence) == DORA_OK && sequence > 0);
                if (is_text(text, length, "plain"))
                    check_plain(event, 0);
                else if (is_text(text, length, "relayed_plain"))
                    check_plain(event, 1);
                else if (is_text(text, length, "loaned"))
                    check_loaned(event);
                else
                {
                    struct ArrowArray array;
                    check_arrow(event, is_text(text, length, "relayed_arrow"), &array);
                    CHECK(dora_event_free(event) == DORA_OK); // the array holds the message by itself
                    check_values(&array);
                    continue;
                }
                break;
            case DORA_EVENT_INPUT_CLOSED:
                closed++;
                CHECK(dora_event_message(event, &text, &length) == DORA_OK && length > 0);
                CHECK(dora_event_data(event, NULL, NULL) == DORA_ERROR_INVALID_ARGUMENT);
                CHECK(dora_event_timestamp(event, &stamp) == DORA_ERROR_WRONG_EVENT);
                break;
            case DORA_EVENT_STOP:
                stopped++;
                CHECK(is_text(text, length, "ALL_INPUTS_CLOSED"));
                break;
            default:
                CHECK(0);
        }
        CHECK(dora_event_free(event) == DORA_OK);
    }

    CHECK(status == DORA_ENDED && closed == 5 && stopped == 1);
    CHECK(plain_count[0] == 3 && plain_count[1] == 3 && loan_count == 2 && arrow_count[0] == 1 && arrow_count[1] == 1);
    CHECK(dora_node_free(node) == DORA_OK);
    printf("all is as it was sent\n");
    return 0;
}
