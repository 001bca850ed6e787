// SPDX-License-Identifier: Apache-2.0
// Sends everything that the modern API can send, once receiver.c asks for it.
#include <dora/arrow.h>
#include "check.h"

enum { LOAN_BYTES = 1 << 20 };

static int released; // Arrow structs that dora gave back

static void release_array(struct ArrowArray *array)
{
    array->release = NULL;
    released++;
}

static void release_schema(struct ArrowSchema *schema)
{
    schema->release = NULL;
    released++;
}

static void send_with_metadata(dora_node_t *node)
{
    dora_metadata_t *metadata;
    CHECK(dora_metadata_new(&metadata) == DORA_OK);
    const int64_t integers[] = {1, -2, INT64_MAX};
    const double floats[] = {0.5, -1e300};
    const char *strings[] = {"one", "", "dr\xc3\xa4i"};
    const size_t lengths[] = {3, 0, 5};
    CHECK(dora_metadata_set_bool(metadata, TEXT("bool"), 1) == DORA_OK);
    CHECK(dora_metadata_set_integer(metadata, TEXT("integer"), INT64_MIN) == DORA_OK);
    CHECK(dora_metadata_set_float(metadata, TEXT("float"), 2.25) == DORA_OK);
    CHECK(dora_metadata_set_string(metadata, TEXT("string"), TEXT("gr\xc3\xbc\xc3\x9f")) == DORA_OK);
    CHECK(dora_metadata_set_integers(metadata, TEXT("integers"), integers, 3) == DORA_OK);
    CHECK(dora_metadata_set_floats(metadata, TEXT("floats"), floats, 2) == DORA_OK);
    CHECK(dora_metadata_set_strings(metadata, TEXT("strings"), strings, lengths, 3) == DORA_OK);
    CHECK(dora_metadata_set_timestamp(metadata, TEXT("timestamp"), 1700000000123456789u) == DORA_OK);
    CHECK(dora_metadata_set_bool(metadata, TEXT("removed"), 1) == DORA_OK);
    CHECK(dora_metadata_remove(metadata, TEXT("removed")) == DORA_OK);
    CHECK(dora_node_send(node, TEXT("plain"), "hello", 5, metadata) == DORA_OK);

    // The metadata is still ours, and can be used again.
    CHECK(dora_metadata_set_integer(metadata, TEXT("integer"), 7) == DORA_OK);
    CHECK(dora_node_send(node, TEXT("plain"), NULL, 0, metadata) == DORA_OK);
    CHECK(dora_metadata_free(metadata) == DORA_OK);
}

static void send_loans(dora_node_t *node)
{
    dora_loan_t *loan;
    uint8_t *data;
    CHECK(dora_node_loan(node, TEXT("loaned"), LOAN_BYTES, 0, &loan, &data) == DORA_OK);
    CHECK((uintptr_t)data % 64 == 0);
    for (size_t i = 0; i < LOAN_BYTES; i++)
        data[i] = pattern(i);
    CHECK(dora_loan_send(loan, LOAN_BYTES, NULL) == DORA_OK);

    CHECK(dora_node_try_loan(node, TEXT("loaned"), LOAN_BYTES, 0, &loan, &data) == DORA_OK);
    for (size_t i = 0; i < 1000; i++)
        data[i] = pattern(i);
    CHECK(dora_loan_send(loan, LOAN_BYTES + 1, NULL) == DORA_ERROR_INVALID_ARGUMENT); // and the loan is still good
    CHECK(dora_loan_try_send(loan, 1000, NULL) == DORA_OK);

    CHECK(dora_node_loan(node, TEXT("loaned"), 10, 0, &loan, &data) == DORA_OK);
    CHECK(dora_loan_discard(loan) == DORA_OK);
}

static void send_arrow(dora_node_t *node)
{
    static const int64_t values[] = {10, 0, 30, 40};
    static const uint8_t valid[] = {0x0D}; // the second is null
    const void *buffers[] = {valid, values};
    struct ArrowSchema schema = {.format = "l", .name = "", .flags = 2, .release = release_schema};
    struct ArrowArray array = {.length = 4, .null_count = 1, .n_buffers = 2, .buffers = buffers, .release = release_array};
    dora_metadata_t *metadata;
    CHECK(dora_metadata_new(&metadata) == DORA_OK);
    CHECK(dora_metadata_set_string(metadata, TEXT("unit"), TEXT("mm")) == DORA_OK);
    CHECK(dora_node_send_arrow(node, TEXT("arrow"), &array, &schema, metadata) == DORA_OK);
    CHECK(dora_metadata_free(metadata) == DORA_OK);
    CHECK(released == 2 && array.release == NULL && schema.release == NULL);

    // Taken over on failure, too.
    schema.release = release_schema;
    array.release = release_array;
    CHECK(dora_node_send_arrow(node, TEXT("no such output"), &array, &schema, NULL) == DORA_ERROR_UNKNOWN_OUTPUT);
    CHECK(released == 4);
    schema.release = release_schema;
    array.release = release_array;
    CHECK(dora_node_try_send_arrow(node, TEXT("no such output"), &array, &schema, NULL) == DORA_ERROR_UNKNOWN_OUTPUT);
    CHECK(released == 6);
}

int main(void)
{
    dora_node_t *node;
    dora_event_t *event;
    CHECK(dora_node_init(&node) == DORA_OK);
    CHECK(dora_node_next_event(node, DORA_FOREVER, &event) == DORA_OK);
    CHECK(dora_event_type(event) == DORA_EVENT_INPUT);
    CHECK(dora_event_free(event) == DORA_OK);

    send_with_metadata(node);
    send_loans(node);
    send_arrow(node);
    CHECK(dora_node_try_send(node, TEXT("plain"), "last", 4, NULL) == DORA_OK);

    CHECK(dora_node_has_output(node, TEXT("plain")) == 1);
    CHECK(dora_node_has_output(node, TEXT("nope")) == 0);
    CHECK(dora_node_subscriber_count(node, TEXT("plain")) == 2);
    CHECK(dora_node_close_output(node, TEXT("plain")) == DORA_OK);
    CHECK(dora_node_send(node, TEXT("plain"), "x", 1, NULL) == DORA_CLOSED);
    CHECK(dora_node_close_output(node, NULL, 0) == DORA_OK);
    CHECK(dora_node_free(node) == DORA_OK);
    return 0;
}
