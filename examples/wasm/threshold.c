/* SPDX-License-Identifier: Apache-2.0 */
/* Passes readings on that differ enough from the last one that was passed on. */
#include <dora/wasm_operator.h>

static double last;
static int64_t passed, seen;

static int on_event(const dora_event *event)
{
    if (event->kind == DORA_EVENT_INPUT && event->data_len == sizeof(double))
    {
        double value = *(const double *)event->data;
        double difference = value > last ? value - last : last - value;
        seen++;
        if (seen == 1 || difference >= 5.0)
        {
            last = value;
            passed++;
            dora_set_integer("passed", passed);
            dora_set_integer("seen", seen);
            dora_send("change", &value, sizeof value);
        }
    }
    return event->kind == DORA_EVENT_INPUT_CLOSED ? DORA_STATUS_STOP : DORA_STATUS_CONTINUE;
}

DORA_OPERATOR(on_event)
