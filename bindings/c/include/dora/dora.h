/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dora for C: the node API. Link with -ldora_node_api_c (pkg-config dora, or find_package(dora) and dora::dora in CMake).
 *
 *     dora_node_t *node;
 *     dora_event_t *event;
 *     if (dora_node_init(&node) != DORA_OK) { fprintf(stderr, "%s\n", dora_last_error()); return 1; }
 *     while (dora_node_next_event(node, DORA_FOREVER, &event) == DORA_OK) {
 *         if (dora_event_type(event) == DORA_EVENT_INPUT) {
 *             const uint8_t *data; size_t length;
 *             dora_event_data(event, &data, &length);
 *             dora_node_send(node, "echo", 4, data, length, NULL);
 *         }
 *         dora_event_free(event);
 *     }
 *     dora_node_free(node);
 *
 * Ownership: what a function returns through a `**` to an opaque type is yours, until its _free function or, for a loan, until it is
 * sent or discarded. Texts and data given out through a pointer belong to the object they were asked from. Everything passed in is
 * only read during the call, with one exception: dora_node_send_arrow.
 *
 * Handles are numbers that look like pointers. One that is NULL, foreign or freed is recognised: DORA_ERROR_INVALID_HANDLE.
 *
 * Texts are UTF-8 with a length; a text given out has a NUL behind it too. A time is in nanoseconds.
 *
 * Threads: every function may be called from any thread; what is said at a function comes on top. The library starts threads of its
 * own: a process that uses it must not fork() without exec.
 *
 * Errors: a negative status has a text, dora_last_error(). Nothing unwinds into C.
 */
#ifndef DORA_DORA_H
#define DORA_DORA_H

#include <stddef.h>
#include <stdint.h>

#include "parameter_kind.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The header's version; compare with dora_abi_version(). The library fits if its number is not smaller and the thousands are the same. */
#define DORA_ABI_VERSION 1000u

uint32_t dora_abi_version(void);

/* The library's version, as in `dora --version`. Lives for ever. */
const char *dora_version(void);

/* The text of this thread's last error; never NULL. Valid until the thread's next error. */
const char *dora_last_error(void);

typedef enum dora_status
{
    DORA_OK = 0,
    DORA_TIMEOUT = 1,        /* nothing came in time */
    DORA_ENDED = 2,          /* the node has ended: there will be no more events */
    DORA_BACK_PRESSURED = 3, /* a subscriber's queue is full, and it wants to lose nothing; try again */
    DORA_POOL_EXHAUSTED = 4, /* all shared memory that the node may have is in use; try again */
    DORA_STOPPING = 5,       /* waiting ended because the node shall stop; nothing was sent */
    DORA_CLOSED = 6,         /* the output or the node was closed; waiting for inputs: nothing can come from them any more */

    DORA_ERROR_INVALID_HANDLE = -1,
    DORA_ERROR_INVALID_ARGUMENT = -2,
    DORA_ERROR_UNKNOWN_OUTPUT = -3, /* the dataflow declares no such output */
    DORA_ERROR_TOO_LARGE = -4,      /* the message can never be sent */
    DORA_ERROR_NOT_CONNECTED = -5,  /* no daemon started this process, or it refuses it */
    DORA_ERROR_WRONG_EVENT = -6,    /* the event has no such part */
    DORA_ERROR_BUSY = -7,           /* another thread is doing this */
    DORA_ERROR_BAD_DATA = -8,       /* what a sender sent breaks the format */
    DORA_ERROR_NOT_FOUND = -9,
    DORA_ERROR_UNSUPPORTED = -10,   /* dora cannot carry this Arrow type */
    DORA_ERROR_INTERNAL = -99
} dora_status;

typedef struct dora_node dora_node_t;
typedef struct dora_event dora_event_t;
typedef struct dora_loan dora_loan_t;
typedef struct dora_metadata dora_metadata_t;

/* The Arrow C Data Interface; dora/arrow.h defines them. */
struct ArrowArray;
struct ArrowSchema;

/* ---- The node ---------------------------------------------------------------------------------------------------------------- */

/* Joins the dataflow that started this process, and waits until it starts. A process can be one node of its dataflow only. */
dora_status dora_node_init(dora_node_t **node);

/* Leaves the dataflow. A thread that waits for an event gets DORA_ENDED.
 * Free events, and release Arrow arrays made of them, before: the memory they lie in is unmapped. */
dora_status dora_node_free(dora_node_t *node);

/* These live as long as the node. Either place may be NULL. The configuration is a JSON object: id, dataflow_id, working_directory,
 * restart_count, pool_bytes_max, inputs [{id, source, queue_size, queue_policy, input_timeout}], outputs [id]. */
dora_status dora_node_id(dora_node_t *node, const char **data, size_t *length);
dora_status dora_node_dataflow_id(dora_node_t *node, const char **data, size_t *length);
dora_status dora_node_dataflow_descriptor(dora_node_t *node, const char **data, size_t *length); /* YAML */
dora_status dora_node_config_json(dora_node_t *node, const char **data, size_t *length);

/* How often this node was started before, in this run of the dataflow. */
dora_status dora_node_restart_count(dora_node_t *node, uint32_t *count);

/* A stamp of the hybrid logical clock, nanoseconds since 1970 UTC: later than every one given out or received so far. */
dora_status dora_node_timestamp(dora_node_t *node, uint64_t *unix_ns);

typedef enum dora_log_level
{
    DORA_LOG_ERROR = 0,
    DORA_LOG_WARN = 1,
    DORA_LOG_INFO = 2,
    DORA_LOG_DEBUG = 3,
    DORA_LOG_TRACE = 4
} dora_log_level;

/* Writes a record to the dataflow's log. target: a category for filters, or NULL and 0. Cut off at 64 KiB. */
dora_status dora_node_log(
    dora_node_t *node, int level, const char *message, size_t message_length, const char *target, size_t target_length);

/* ---- Receiving --------------------------------------------------------------------------------------------------------------- */

#define DORA_FOREVER ((int64_t)-1)

/* Waits for the next event, for timeout_ns at most; 0: does not wait.
 * DORA_OK, DORA_TIMEOUT, DORA_ENDED or an error. Threads: one at a time for each node; a second gets DORA_ERROR_BUSY. */
dora_status dora_node_next_event(dora_node_t *node, int64_t timeout_ns, dora_event_t **event);

/* Wait for messages of chosen inputs, for timeout_ns at most; 0: do not wait. Everything else stays queued, in its order, and is
 * received afterwards; its queues keep their policies meanwhile. dora_node_wait_any gives the next message of one of them, as
 * DORA_EVENT_INPUT, and serves them in turn. dora_node_wait_all waits until each has a message, takes nothing before, and gives the
 * oldest of each as one DORA_EVENT_JOINED, in the order of `inputs`.
 * inputs: `count` names, at least one, read during the call; lengths: theirs, or NULL when each ends with a NUL.
 * DORA_OK, DORA_TIMEOUT, DORA_ENDED or an error; DORA_CLOSED: all these inputs (wait_all: one of them) are closed and drained, or the node
 * is to stop; then dora_node_next_event tells which. *event is NULL unless DORA_OK, and is to be freed with dora_event_free.
 * DORA_ERROR_INVALID_ARGUMENT: the node has no such input, it is named twice, or it belongs to the node's join.
 * Threads: as dora_node_next_event, which counts as a wait too: one at a time for each node; a second gets DORA_ERROR_BUSY. */
dora_status dora_node_wait_any(
    dora_node_t *node, const char *const *inputs, const size_t *lengths, size_t count, int64_t timeout_ns, dora_event_t **event);
dora_status dora_node_wait_all(
    dora_node_t *node, const char *const *inputs, const size_t *lengths, size_t count, int64_t timeout_ns, dora_event_t **event);

/* Gives an event back. An input's memory returns to its sender, so free soon: a node that keeps many makes its senders drop or wait. */
dora_status dora_event_free(dora_event_t *event);

typedef enum dora_event_type_t
{
    DORA_EVENT_STOP = 0,            /* the node shall end; id: MANUAL, ALL_INPUTS_CLOSED or DAEMON_LOST */
    DORA_EVENT_INPUT = 1,           /* a message; id: the input */
    DORA_EVENT_INPUT_CLOSED = 2,    /* an input brings nothing more, or is late; id: the input, message: why */
    DORA_EVENT_ERROR = 3,           /* a connection was cut; message: which and why */
    DORA_EVENT_UNKNOWN = 4,         /* of a later version of the library */
    DORA_EVENT_INPUT_RECOVERED = 5, /* a late input brings messages again; id: the input */
    DORA_EVENT_NODE_RESTARTED = 6,  /* a node upstream was started again; id: the node */
    DORA_EVENT_NODE_FAILED = 7,     /* a node upstream failed; id: the node, message: how, dora_event_affected_input */
    DORA_EVENT_RELOAD = 8,          /* an operator shall be loaded again; id: the operator, or empty */
    DORA_EVENT_JOINED = 10          /* messages that belong together, as the node's join says, or of dora_node_wait_all;
                                     * message: complete, partial or timed out,
                                     * dora_event_joined, dora_event_affected_input: the members that have none */
} dora_event_type_t;

/* One of dora_event_type_t; negative: a dora_status. */
int dora_event_type(dora_event_t *event);

/* As said at the types; empty when there is nothing to say. Belong to the event. */
dora_status dora_event_id(dora_event_t *event, const char **data, size_t *length);
dora_status dora_event_message(dora_event_t *event, const char **data, size_t *length);

/* The inputs that a failed node fed, from 0; DORA_ERROR_NOT_FOUND behind the last. */
dora_status dora_event_affected_input(dora_event_t *event, size_t index, const char **data, size_t *length);

/* The messages of a joined event, from 0: of one input after the other, the oldest first; DORA_ERROR_NOT_FOUND behind the last.
 * Each is an event of type DORA_EVENT_INPUT, to be freed by itself: it stays when the joined event is freed. */
dora_status dora_event_joined(dora_event_t *event, size_t index, dora_event_t **input);

/* The bytes of an input, in place in shared memory: 64-byte aligned, read-only (writing ends the process), valid until the event is
 * freed. Of an Arrow array: its buffers, one after the other. */
dora_status dora_event_data(dora_event_t *event, const uint8_t **data, size_t *length);

/* Whether the sender sent a typed Arrow array: 1, or 0 for plain bytes; negative: a dora_status. */
int dora_event_is_arrow(dora_event_t *event);

/* An input as an Arrow array over the same shared memory; plain bytes are a uint8 array. Nothing is copied.
 * Both structs are written over and are the caller's to release. The array holds the message by itself: the event can be freed. */
dora_status dora_event_arrow(dora_event_t *event, struct ArrowArray *array, struct ArrowSchema *schema);

/* When an input was sent: nanoseconds since 1970 UTC by the sender's hybrid logical clock. */
dora_status dora_event_timestamp(dora_event_t *event, uint64_t *unix_ns);

/* Number of an input's message within its sender, from 1. A gap means messages that this input did not get. */
dora_status dora_event_sequence(dora_event_t *event, uint64_t *sequence);

/* Whether anything came with an input: 1, or 0 (then its metadata is empty); negative: a dora_status. Cheaper than asking for it. */
int dora_event_has_metadata(dora_event_t *event);

#define DORA_EVENT_HAS_METADATA 1u
#define DORA_EVENT_IS_ARROW 2u

typedef struct dora_event_info_t
{
    int32_t type;        /* one of dora_event_type_t */
    uint32_t flags;      /* DORA_EVENT_HAS_METADATA, DORA_EVENT_IS_ARROW */
    const char *id;
    size_t id_length;
    const uint8_t *data; /* from here on NULL and 0 unless it is an input */
    size_t length;
    uint64_t timestamp;
    uint64_t sequence;
} dora_event_info_t;

/* What the functions above say, in one call: for those who count nanoseconds. */
dora_status dora_event_info(dora_event_t *event, dora_event_info_t *info);

/* The parameters of an input, as a copy to be freed with dora_metadata_free. */
dora_status dora_event_metadata(dora_event_t *event, dora_metadata_t **metadata);

/* ---- Sending ----------------------------------------------------------------------------------------------------------------- */

/* Sends bytes: one copy, whatever the number of subscribers. metadata may be NULL, and stays the caller's.
 * dora_node_send waits while a subscriber pushes back: DORA_OK, DORA_STOPPING, DORA_CLOSED or an error.
 * dora_node_try_send does not: also DORA_BACK_PRESSURED and DORA_POOL_EXHAUSTED. */
dora_status dora_node_send(
    dora_node_t *node, const char *id, size_t id_length, const void *data, size_t length, dora_metadata_t *metadata);
dora_status dora_node_try_send(
    dora_node_t *node, const char *id, size_t id_length, const void *data, size_t length, dora_metadata_t *metadata);

/* Lends shared memory to build a message in, so that sending copies nothing: `length` bytes, 64-byte aligned, not zeroed.
 * metadata_bytes: room for encoded metadata; 0: 1,024. dora_node_loan waits while all memory is in use, dora_node_try_loan does not. */
dora_status dora_node_loan(
    dora_node_t *node, const char *id, size_t id_length, size_t length, size_t metadata_bytes, dora_loan_t **loan, uint8_t **data);
dora_status dora_node_try_loan(
    dora_node_t *node, const char *id, size_t id_length, size_t length, size_t metadata_bytes, dora_loan_t **loan, uint8_t **data);

/* Sends the first `length` bytes of a loan, which is used up and its data dead; but after DORA_BACK_PRESSURED and DORA_POOL_EXHAUSTED
 * (dora_loan_try_send only) and after an error it is still good: send it again, or discard it. Threads: one at a time for each loan. */
dora_status dora_loan_send(dora_loan_t *loan, size_t length, dora_metadata_t *metadata);
dora_status dora_loan_try_send(dora_loan_t *loan, size_t length, dora_metadata_t *metadata);

/* Gives a loan back unsent. */
dora_status dora_loan_discard(dora_loan_t *loan);

/* Sends a typed Arrow array: its buffers are copied once, into shared memory. dora_node_send_arrow waits while a subscriber pushes back,
 * dora_node_try_send_arrow does not: also DORA_BACK_PRESSURED and DORA_POOL_EXHAUSTED.
 * Both take the array and the schema over in every case, also when nothing is sent: both are released. */
dora_status dora_node_send_arrow(
    dora_node_t *node, const char *id, size_t id_length, struct ArrowArray *array, struct ArrowSchema *schema, dora_metadata_t *metadata);
dora_status dora_node_try_send_arrow(
    dora_node_t *node, const char *id, size_t id_length, struct ArrowArray *array, struct ArrowSchema *schema, dora_metadata_t *metadata);

/* Passes a received input on as it came: bytes, parameters and, of an Arrow array, its type. The event stays the caller's. */
dora_status dora_node_forward(dora_node_t *node, const char *id, size_t id_length, dora_event_t *event);

/* Ends an output (NULL and 0: all of them): its subscribers receive what is queued, then DORA_EVENT_INPUT_CLOSED. May be called again. */
dora_status dora_node_close_output(dora_node_t *node, const char *id, size_t id_length);

/* Whether the dataflow declares this output: 1 or 0; negative: a dora_status. */
int dora_node_has_output(dora_node_t *node, const char *id, size_t id_length);

/* How many inputs the next message would reach; negative: a dora_status. */
int dora_node_subscriber_count(dora_node_t *node, const char *id, size_t id_length);

/* ---- Metadata: the parameters of a message ----------------------------------------------------------------------------------- */
/* Threads: one at a time for each object. */

/* dora_parameter_kind: parameter_kind.h */

dora_status dora_metadata_new(dora_metadata_t **metadata);
dora_status dora_metadata_free(dora_metadata_t *metadata);
dora_status dora_metadata_count(dora_metadata_t *metadata, size_t *count);

/* One of dora_parameter_kind; negative: a dora_status. */
int dora_metadata_kind(dora_metadata_t *metadata, const char *key, size_t key_length);

/* Each adds a parameter or replaces it. */
dora_status dora_metadata_set_bool(dora_metadata_t *metadata, const char *key, size_t key_length, int value);
dora_status dora_metadata_set_integer(dora_metadata_t *metadata, const char *key, size_t key_length, int64_t value);
dora_status dora_metadata_set_float(dora_metadata_t *metadata, const char *key, size_t key_length, double value);
dora_status dora_metadata_set_string(dora_metadata_t *metadata, const char *key, size_t key_length, const char *value, size_t length);
dora_status dora_metadata_set_integers(
    dora_metadata_t *metadata, const char *key, size_t key_length, const int64_t *values, size_t count);
dora_status dora_metadata_set_floats(dora_metadata_t *metadata, const char *key, size_t key_length, const double *values, size_t count);
dora_status dora_metadata_set_strings(
    dora_metadata_t *metadata, const char *key, size_t key_length, const char *const *values, const size_t *lengths, size_t count);
dora_status dora_metadata_set_timestamp(dora_metadata_t *metadata, const char *key, size_t key_length, uint64_t unix_ns);
dora_status dora_metadata_remove(dora_metadata_t *metadata, const char *key, size_t key_length);

/* Each gives DORA_ERROR_NOT_FOUND, or DORA_ERROR_INVALID_ARGUMENT when the parameter is of another kind (an integer reads as a float).
 * Texts and lists are copied into a buffer, as much as fits and without a NUL; length or count is that of the whole: ask with a
 * capacity of 0 first. */
dora_status dora_metadata_get_bool(dora_metadata_t *metadata, const char *key, size_t key_length, int *value);
dora_status dora_metadata_get_integer(dora_metadata_t *metadata, const char *key, size_t key_length, int64_t *value);
dora_status dora_metadata_get_float(dora_metadata_t *metadata, const char *key, size_t key_length, double *value);
dora_status dora_metadata_get_timestamp(dora_metadata_t *metadata, const char *key, size_t key_length, uint64_t *unix_ns);
dora_status dora_metadata_get_string(
    dora_metadata_t *metadata, const char *key, size_t key_length, char *buffer, size_t capacity, size_t *length);
dora_status dora_metadata_get_integers(
    dora_metadata_t *metadata, const char *key, size_t key_length, int64_t *buffer, size_t capacity, size_t *count);
dora_status dora_metadata_get_floats(
    dora_metadata_t *metadata, const char *key, size_t key_length, double *buffer, size_t capacity, size_t *count);
dora_status dora_metadata_get_strings_count(dora_metadata_t *metadata, const char *key, size_t key_length, size_t *count);
dora_status dora_metadata_get_string_at(
    dora_metadata_t *metadata, const char *key, size_t key_length, size_t index, char *buffer, size_t capacity, size_t *length);

/* The names of all parameters, from 0, in their order; DORA_ERROR_NOT_FOUND behind the last. */
dora_status dora_metadata_key_at(dora_metadata_t *metadata, size_t index, char *buffer, size_t capacity, size_t *length);

#ifdef __cplusplus
}
#endif

#endif
