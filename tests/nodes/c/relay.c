// SPDX-License-Identifier: Apache-2.0
// Passes both inputs on as they came.
#include "check.h"

int main(void)
{
    dora_node_t *node;
    dora_event_t *event;
    CHECK(dora_node_init(&node) == DORA_OK);
    dora_status status;
    while ((status = dora_node_next_event(node, DORA_FOREVER, &event)) == DORA_OK)
    {
        const char *id;
        size_t length;
        CHECK(dora_event_id(event, &id, &length) == DORA_OK);
        if (dora_event_type(event) == DORA_EVENT_INPUT)
            CHECK(dora_node_forward(node, id, length, event) == DORA_OK); // outputs are called like the inputs
        CHECK(dora_event_free(event) == DORA_OK);
    }
    CHECK(status == DORA_ENDED);
    CHECK(dora_node_free(node) == DORA_OK);
    return 0;
}
