// SPDX-License-Identifier: Apache-2.0
// Passes each message on, copied into a loan; holds the last four events all the while, and another loan: whenever it is killed, it holds something.
#include "check.h"

enum { HELD = 4 };

int main(void)
{
    dora_node_t *node;
    dora_event_t *event, *held[HELD] = {NULL};
    dora_loan_t *loan, *kept;
    const uint8_t *data;
    uint8_t *room;
    size_t length, count = 0;
    CHECK(dora_node_init(&node) == DORA_OK);
    CHECK(dora_node_loan(node, TEXT("data"), 100000, 0, &kept, &room) == DORA_OK);
    while (dora_node_next_event(node, DORA_FOREVER, &event) == DORA_OK)
    {
        if (dora_event_type(event) == DORA_EVENT_INPUT)
        {
            CHECK(dora_event_data(event, &data, &length) == DORA_OK);
            CHECK(dora_node_loan(node, TEXT("data"), length, 0, &loan, &room) == DORA_OK);
            if (length > 0) // data is NULL without
                memcpy(room, data, length);
            dora_status status = dora_loan_send(loan, length, NULL);
            CHECK(status == DORA_OK || status == DORA_STOPPING);
            if (status != DORA_OK)
                CHECK(dora_loan_discard(loan) == DORA_OK);
        }
        dora_event_t **place = &held[count++ % HELD];
        if (*place != NULL)
            CHECK(dora_event_free(*place) == DORA_OK);
        *place = event;
    }
    for (size_t i = 0; i < HELD; i++)
        if (held[i] != NULL)
            CHECK(dora_event_free(held[i]) == DORA_OK);
    CHECK(dora_loan_discard(kept) == DORA_OK);
    CHECK(dora_node_free(node) == DORA_OK);
    return 0;
}
