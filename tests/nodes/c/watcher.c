// SPDX-License-Identifier: Apache-2.0
// Prints what becomes of the nodes upstream.
#include "check.h"

int main(void)
{
    dora_node_t *node;
    dora_event_t *event;
    const char *id, *message;
    size_t id_length, length;
    setvbuf(stdout, NULL, _IOLBF, 0); // a pipe would see it at the end only
    CHECK(dora_node_init(&node) == DORA_OK);
    while (dora_node_next_event(node, DORA_FOREVER, &event) == DORA_OK)
    {
        CHECK(dora_event_id(event, &id, &id_length) == DORA_OK);
        CHECK(dora_event_message(event, &message, &length) == DORA_OK);
        if (dora_event_type(event) == DORA_EVENT_NODE_FAILED)
        {
            const char *input;
            size_t input_length;
            CHECK(dora_event_affected_input(event, 0, &input, &input_length) == DORA_OK);
            CHECK(dora_event_affected_input(event, 1, &input, &input_length) == DORA_ERROR_NOT_FOUND);
            printf("heard that %s failed: %s\n", id, message);
        }
        else if (dora_event_type(event) == DORA_EVENT_NODE_RESTARTED)
            printf("heard that %s was restarted\n", id);
        CHECK(dora_event_free(event) == DORA_OK);
    }
    CHECK(dora_node_free(node) == DORA_OK);
    return 0;
}
