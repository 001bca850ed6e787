/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The C node API that dora's documentation teaches. Link with -ldora_node_api_c.
 *
 * Everything here has a fuller counterpart in dora/dora.h (time-outs, loans, metadata, Arrow, error texts); contexts and events are the
 * same handles there: a `void *` context is a `dora_node_t *`, a `void *` event a `dora_event_t *`.
 *
 * Handles are checked: one that is NULL, foreign or freed makes a function fail, never crash. dora_last_error() says why.
 */
#ifndef DORA_NODE_API_H
#define DORA_NODE_API_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Joins the dataflow that started this process, and waits until it starts. Once per process.
 * Returns the context, to be freed with free_dora_context; NULL on failure, with the reason on standard error.
 * Threads: any. */
void *init_dora_context_from_env(void);

/* Leaves the dataflow. Free all events first: their data is unmapped. NULL is ignored.
 * Threads: any; a thread that waits in dora_next_event gets NULL. */
void free_dora_context(void *dora_context);

/* Waits for the next event.
 * Returns the event, to be freed with free_dora_event; NULL when the node has ended (or the context is none).
 * Threads: one at a time for each context. */
void *dora_next_event(void *dora_context);

/* Gives an event back; its id and data are dead. An input's memory returns to its sender. NULL is ignored. Threads: any. */
void free_dora_event(void *dora_event);

enum DoraEventType
{
    DoraEventType_Stop = 0,
    DoraEventType_Input = 1,
    DoraEventType_InputClosed = 2,
    DoraEventType_Error = 3,
    DoraEventType_Unknown = 4
};

/* What the event says. Threads: any. */
enum DoraEventType read_dora_event_type(void *dora_event);

/* The input that an event is about: UTF-8, with a NUL behind it that the length does not count. Belongs to the event.
 * Other events: the text that dora_event_id gives. No event: NULL and 0. Threads: any. */
void read_dora_input_id(void *dora_event, char **out_ptr, size_t *out_len);

/* The bytes of an input, in place in shared memory: read-only (writing ends the process), valid until the event is freed.
 * No input: NULL and 0. Threads: any. */
void read_dora_input_data(void *dora_event, char **out_ptr, size_t *out_len);

/* When an input was sent: nanoseconds since 1970 UTC by the sender's hybrid logical clock. No input: 0. Threads: any. */
unsigned long long read_dora_input_timestamp(void *dora_event);

/* Sends bytes: one copy, whatever the number of subscribers. Waits while one of them pushes back.
 * Returns 0; -1 on failure (dora_last_error). Threads: any. */
int dora_send_output(void *dora_context, char *id_ptr, size_t id_len, char *data_ptr, size_t data_len);

/* Writes a record to the dataflow's log; level is error, warn, info, debug or trace.
 * Returns 0; -1 on failure (dora_last_error). Threads: any. */
int dora_log(void *dora_context, char *level_ptr, size_t level_len, char *msg_ptr, size_t msg_len);

#ifdef __cplusplus
}
#endif

#endif
