// SPDX-License-Identifier: Apache-2.0
// Sends for each tick, until it is stopped; holds an event, a loan and metadata all the while.
#include "check.h"

int main(void)
{
    dora_node_t *node;
    dora_event_t *held, *event;
    dora_loan_t *loan;
    dora_metadata_t *metadata;
    uint8_t *data;
    if (dora_node_init(&node) != DORA_OK)
    {
        fprintf(stderr, "%s\n", dora_last_error());
        return 1;
    }
    CHECK(dora_node_next_event(node, DORA_FOREVER, &held) == DORA_OK);
    CHECK(dora_node_loan(node, TEXT("data"), 100000, 0, &loan, &data) == DORA_OK);
    CHECK(dora_metadata_new(&metadata) == DORA_OK);
    while (dora_node_next_event(node, DORA_FOREVER, &event) == DORA_OK)
    {
        if (dora_event_type(event) == DORA_EVENT_INPUT)
            CHECK(dora_node_send(node, TEXT("data"), data, 100000, metadata) == DORA_OK);
        CHECK(dora_event_free(event) == DORA_OK);
    }
    CHECK(dora_event_free(held) == DORA_OK);
    CHECK(dora_loan_discard(loan) == DORA_OK);
    CHECK(dora_metadata_free(metadata) == DORA_OK);
    CHECK(dora_node_free(node) == DORA_OK);
    return 0;
}
