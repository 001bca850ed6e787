/* SPDX-License-Identifier: Apache-2.0 */
/* Sends a message on if its first byte says so; for OperatorLanguageBenchmarks. */
#include <dora/operator_api.h>

DoraInitResult_t dora_init_operator(void)
{
    return (DoraInitResult_t){0};
}

OnEventResult_t dora_on_event(const RawEvent_t *event, const SendOutput_t *send_output, void *operator_context)
{
    OnEventResult_t result = {0};
    (void)operator_context;
    if (event->input != NULL && event->input->data.ptr[0] != 0)
        result.result = dora_send_operator_output(send_output, "data", event->input->data.ptr, event->input->data.len);
    return result;
}

DoraResult_t dora_drop_operator(void *operator_context)
{
    (void)operator_context;
    return (DoraResult_t){NULL};
}
