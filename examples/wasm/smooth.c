/* SPDX-License-Identifier: Apache-2.0 */
/* Averages the last two readings. */
#include <dora/operator_api.h>

typedef struct
{
    double before;
    bool has_before;
} Smooth;

DoraInitResult_t dora_init_operator(void)
{
    DoraInitResult_t made = {.operator_context = calloc(1, sizeof(Smooth))};
    return made;
}

OnEventResult_t dora_on_event(const RawEvent_t *event, const SendOutput_t *send_output, void *operator_context)
{
    Smooth *smooth = operator_context;
    OnEventResult_t result = {.status = DORA_STATUS_CONTINUE};
    double value;
    if (event->input != NULL && event->input->data.len == sizeof value)
    {
        memcpy(&value, event->input->data.ptr, sizeof value);
        double average = smooth->has_before ? (value + smooth->before) / 2 : value;
        smooth->before = value;
        smooth->has_before = true;
        result.result = dora_send_operator_output(send_output, "value", (const uint8_t *)&average, sizeof average);
    }
    return result;
}

DoraResult_t dora_drop_operator(void *operator_context)
{
    free(operator_context);
    return (DoraResult_t){NULL};
}
