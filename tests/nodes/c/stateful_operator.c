// SPDX-License-Identifier: Apache-2.0
// An operator that counts messages in its state. Each instance fails at its third message, after it has saved and sent.
#include "dora/operator_api.h"
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct counter
{
    int64_t count;
    int handled;
};

DoraInitResult_t dora_init_operator(void)
{
    DoraInitResult_t result = {.operator_context = calloc(1, sizeof(struct counter))};
    return result;
}

DoraResult_t dora_drop_operator(void *operator_context)
{
    free(operator_context);
    DoraResult_t result = {NULL};
    return result;
}

DoraResult_t dora_restore_state(void *operator_context, const DoraStateEntry_t *entries, size_t entries_len, const DoraRestoreInfo_t *info)
{
    struct counter *counter = (struct counter *)operator_context;
    for (size_t i = 0; i < entries_len; i++)
    {
        if (entries[i].key.len == 5 && memcmp(entries[i].key.ptr, "count", 5) == 0 && entries[i].value_len == sizeof counter->count)
            memcpy(&counter->count, entries[i].value, sizeof counter->count);
    }

    printf("restored %d values, reason %d, incarnation %d, version %d, damaged %d\n", (int)entries_len, info->reason, (int)info->incarnation,
           (int)info->version, (int)info->damaged_keys_len);
    fflush(stdout);
    DoraResult_t result = {NULL};
    return result;
}

OnEventResult_t dora_on_event(RawEvent_t *event, const SendOutput_t *send_output, void *operator_context)
{
    OnEventResult_t result = {.status = DORA_STATUS_CONTINUE};
    struct counter *counter = (struct counter *)operator_context;
    if (event->input == NULL)
        return result;

    counter->count++;
    result.result = dora_save_state(send_output, "count", (const uint8_t *)&counter->count, sizeof counter->count);
    if (result.result.error != NULL)
        return result;
    result.result = dora_send_operator_output(send_output, "count", (const uint8_t *)&counter->count, sizeof counter->count);
    if (result.result.error != NULL)
        return result;

    static const uint8_t large[2000];
    DoraResult_t refused = dora_save_state(send_output, "large", large, sizeof large);
    if (refused.error == NULL)
        result.result = dora_error("there was room for too much");
    dora_free_error(refused);
    if (++counter->handled == 3)
        result.result = dora_error("three is one too many");
    return result;
}
