// SPDX-License-Identifier: Apache-2.0
// Sends to itself on two outputs, which its join (zip) brings together again.
#include "check.h"

static dora_event_t *next(dora_node_t *node)
{
    dora_event_t *event;
    CHECK(dora_node_next_event(node, DORA_FOREVER, &event) == DORA_OK);
    return event;
}

static void check_message(dora_event_t *set, size_t index, const char *id, const char *text)
{
    dora_event_t *input;
    const char *name;
    const uint8_t *data;
    size_t length;
    CHECK(dora_event_joined(set, index, &input) == DORA_OK);
    CHECK(dora_event_type(input) == DORA_EVENT_INPUT);
    CHECK(dora_event_id(input, &name, &length) == DORA_OK && is_text(name, length, id));
    CHECK(dora_event_data(input, &data, &length) == DORA_OK && is_text((const char *)data, length, text));
    CHECK(dora_event_free(input) == DORA_OK);
}

int main(void)
{
    dora_node_t *node;
    dora_event_t *set, *kept, *other;
    const char *message;
    const uint8_t *data;
    size_t length;
    CHECK(dora_node_init(&node) == DORA_OK);
    CHECK(dora_node_send(node, TEXT("a"), "a1", 2, NULL) == DORA_OK);
    CHECK(dora_node_send(node, TEXT("a"), "a2", 2, NULL) == DORA_OK);
    CHECK(dora_node_send(node, TEXT("b"), "b1", 2, NULL) == DORA_OK);
    CHECK(dora_node_send(node, TEXT("b"), "b2", 2, NULL) == DORA_OK);

    set = next(node);
    CHECK(dora_event_type(set) == DORA_EVENT_JOINED);
    CHECK(dora_event_message(set, &message, &length) == DORA_OK && is_text(message, length, "complete"));
    CHECK(dora_event_affected_input(set, 0, &message, &length) == DORA_ERROR_NOT_FOUND);
    CHECK(dora_event_data(set, &data, &length) == DORA_ERROR_WRONG_EVENT);
    check_message(set, 0, "a", "a1");
    check_message(set, 1, "b", "b1");
    CHECK(dora_event_joined(set, 2, &kept) == DORA_ERROR_NOT_FOUND);
    CHECK(dora_event_joined(set, 1, &kept) == DORA_OK);
    CHECK(dora_event_joined(kept, 0, &other) == DORA_ERROR_WRONG_EVENT);
    CHECK(dora_event_free(set) == DORA_OK);
    CHECK(dora_event_data(kept, &data, &length) == DORA_OK && is_text((const char *)data, length, "b1")); // outlives the set
    CHECK(dora_event_free(kept) == DORA_OK);

    set = next(node);
    check_message(set, 0, "a", "a2");
    check_message(set, 1, "b", "b2");
    CHECK(dora_event_free(set) == DORA_OK);
    CHECK(dora_node_free(node) == DORA_OK);
    puts("sets are read");
    return 0;
}
