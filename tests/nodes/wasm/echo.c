/* SPDX-License-Identifier: Apache-2.0 */
/* Sends each message on, with its parameters, copied through its memory. */
#include <dora/wasm_operator.h>

static int on_event(const dora_event *event)
{
    if (event->kind == DORA_EVENT_INPUT)
    {
        dora_parameters_copy();
        dora_send("data", event->data, event->data_len);
    }
    return event->kind == DORA_EVENT_INPUT_CLOSED ? DORA_STATUS_STOP : DORA_STATUS_CONTINUE;
}

DORA_OPERATOR(on_event)
