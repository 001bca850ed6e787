// SPDX-License-Identifier: Apache-2.0
// An operator in dora's present form, through the helpers. Each instance fails at its third message.
#include "dora/operator_api.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

DoraInitResult_t dora_init_operator(void)
{
    DoraInitResult_t result = {.operator_context = calloc(1, sizeof(int))};
    return result;
}

DoraResult_t dora_drop_operator(void *operator_context)
{
    free(operator_context);
    DoraResult_t result = {NULL};
    return result;
}

OnEventResult_t dora_on_event(RawEvent_t *event, const SendOutput_t *send_output, void *operator_context)
{
    OnEventResult_t result = {.status = DORA_STATUS_CONTINUE};
    int *counter = (int *)operator_context;

    if (event->input != NULL)
    {
        char *id = dora_read_input_id(event->input);
        Vec_uint8_t data = dora_read_data(event->input);
        if (strcmp(id, "message") == 0 && ++*counter == 3)
        {
            result.result = dora_error("three is one too many");
        }
        else
        {
            char text[100];
            int length = snprintf(text, sizeof text, "%d after '%.*s'", *counter, (int)data.len, (char *)data.ptr);
            result.result = dora_send_operator_output(send_output, "counter", (uint8_t *)text, (size_t)length);

            DoraResult_t refused = dora_send_operator_output(send_output, "undeclared", (uint8_t *)text, (size_t)length);
            if (refused.error == NULL)
            {
                result.result = dora_error("an undeclared output was accepted");
            }
            dora_free_error(refused);
        }
        dora_free_data(data);
        dora_free_input_id(id);
    }
    else if (event->input_closed.ptr != NULL)
    {
        printf("%.*s is closed\n", (int)event->input_closed.len, (char *)event->input_closed.ptr);
    }

    return result;
}
