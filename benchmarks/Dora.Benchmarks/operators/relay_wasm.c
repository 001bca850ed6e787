/* SPDX-License-Identifier: Apache-2.0 */
/* Sends a message on if its first byte says so; for OperatorLanguageBenchmarks. */
#include <dora/wasm_operator.h>

static int on_event(const dora_event *event)
{
    if (event->kind == DORA_EVENT_INPUT && event->data[0] != 0)
        dora_send("data", event->data, event->data_len);
    return DORA_STATUS_CONTINUE;
}

DORA_OPERATOR(on_event)
