// SPDX-License-Identifier: Apache-2.0
// An operator that crashes at its third message, in the way that CRASH names.
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "dora/operator_api.h"

static volatile int depth_max = 1 << 30; // volatile: the compiler must not see that this never ends

static int overflow(int depth)
{
    volatile char room[4096];
    room[0] = (char)depth;
    return depth < depth_max ? overflow(depth + 1) + room[0] : 0;
}

static void crash(void)
{
    const char *how = getenv("CRASH");
    if (strcmp(how, "segv") == 0)
    {
        volatile int *volatile nowhere = NULL;
        *nowhere = 1;
    }
    else if (strcmp(how, "overflow") == 0)
        exit(overflow(0));
    else
        abort();
}

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
    if (event->input != NULL)
    {
        if (++*(int *)operator_context == 3)
            crash();
        result.result = dora_send_operator_output(send_output, "out", NULL, 0);
    }
    return result;
}
