// SPDX-License-Identifier: Apache-2.0
// A sink in the form that dora's documentation teaches: prints what arrives until there is nothing more.
#include <stdio.h>
#include <string.h>
#include <assert.h>
#include "dora/node_api.h"

int main()
{
    void *dora_context = init_dora_context_from_env();
    if (dora_context == NULL)
    {
        fprintf(stderr, "no dora context\n");
        return -1;
    }

    int count = 0;
    while (1)
    {
        void *event = dora_next_event(dora_context);
        if (event == NULL)
        {
            break;
        }

        enum DoraEventType ty = read_dora_event_type(event);
        if (ty == DoraEventType_Input)
        {
            char *id;
            size_t id_len;
            read_dora_input_id(event, &id, &id_len);
            assert(read_dora_input_timestamp(event) > 0);

            char *data;
            size_t data_len;
            read_dora_input_data(event, &data, &data_len);

            printf("got %.*s on %.*s\n", (int)data_len, data, (int)id_len, id);
            count++;
        }
        else if (ty == DoraEventType_InputClosed)
        {
            char *id;
            size_t id_len;
            read_dora_input_id(event, &id, &id_len);
            printf("%.*s is closed\n", (int)id_len, id);
        }
        else if (ty == DoraEventType_Stop)
        {
            printf("stop\n");
        }

        free_dora_event(event);
    }

    char level[] = "info";
    char text[64];
    int text_len = sprintf(text, "the sink got %d messages", count);
    dora_log(dora_context, level, strlen(level), text, text_len);
    free_dora_context(dora_context);
    return 0;
}
