// SPDX-License-Identifier: Apache-2.0
// A node in the form that dora's documentation teaches: a numbered text for each tick.
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

    for (char i = 0; i < 10;)
    {
        void *event = dora_next_event(dora_context);
        if (event == NULL)
        {
            fprintf(stderr, "the events ended too early\n");
            return -1;
        }

        enum DoraEventType ty = read_dora_event_type(event);
        if (ty == DoraEventType_Input)
        {
            char *id;
            size_t id_len;
            read_dora_input_id(event, &id, &id_len);
            assert(id_len == 4 && memcmp(id, "tick", 4) == 0);

            char *data;
            size_t data_len;
            read_dora_input_data(event, &data, &data_len);
            assert(data_len == 0);

            char out_id[] = "message";
            char out_data[50];
            int out_data_len = sprintf(out_data, "tick number %d", i);
            int result = dora_send_output(dora_context, out_id, strlen(out_id), out_data, out_data_len);
            assert(result == 0);
            i++;
        }
        else if (ty == DoraEventType_Stop)
        {
            printf("stopped\n");
        }
        else
        {
            printf("another event: %d\n", ty);
        }

        free_dora_event(event);
    }

    free_dora_context(dora_context);
    printf("the node is done\n");
    return 0;
}
