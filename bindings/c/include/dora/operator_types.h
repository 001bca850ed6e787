/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Types of the C operator API: what passes between the runtime and an operator in a shared library.
 *
 * The names are dora's, in both of its forms: programs that read `event->input->data.ptr` and call
 * `send_output->send_output.call(env_ptr, output)`, and programs that use the dora_read_… and dora_send_… helpers of operator_api.h. What
 * dora's forms lack (Arrow, parameters, log records) is in DoraOperatorApi_t, and has helpers too.
 */
#ifndef DORA_OPERATOR_TYPES_H
#define DORA_OPERATOR_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "parameter_kind.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Bytes. Given to an operator: borrowed until dora_on_event returns, cap is 0. Given by an operator: from malloc, freed by the runtime. */
typedef struct Vec_uint8
{
    uint8_t *ptr;
    size_t len;
    size_t cap;
} Vec_uint8_t;

/* Success, or an error: a text from malloc in a struct from malloc, both freed by the runtime. */
typedef struct DoraResult
{
    Vec_uint8_t *error;
} DoraResult_t;

typedef struct DoraInitResult
{
    DoraResult_t result;
    void *operator_context; /* the operator's own, passed to every other call */
} DoraInitResult_t;

enum DoraStatus
{
    DORA_STATUS_CONTINUE = 0, /* send more events */
    DORA_STATUS_STOP = 1,     /* this operator is done */
    DORA_STATUS_STOP_ALL = 2  /* the whole dataflow is done */
};
typedef uint8_t DoraStatus_t;

typedef struct OnEventResult
{
    DoraResult_t result;
    DoraStatus_t status;
} OnEventResult_t;

typedef struct Metadata
{
    Vec_uint8_t open_telemetry_context; /* text; empty when there is none */
} Metadata_t;

/* The Arrow C Data Interface; dora/arrow.h defines them. */
struct ArrowArray;
struct ArrowSchema;

/* UTF-8 text with a length. One that is given to an operator has a NUL behind it too. */
typedef struct DoraText
{
    const char *ptr;
    size_t len;
} DoraText_t;

/* A parameter of a message. */
typedef struct DoraParameter
{
    DoraText_t key;
    int kind;     /* dora_parameter_kind: which value it is */
    size_t count; /* number of values in a list; else 0 */
    union
    {
        bool boolean;
        int64_t integer;
        double floating;
        DoraText_t string;
        const int64_t *integers;
        const double *floats;
        const DoraText_t *strings;
        uint64_t timestamp_ns; /* nanoseconds since 1970 UTC */
    } value;
} DoraParameter_t;

typedef struct DoraParameters
{
    const DoraParameter_t *ptr; /* may be NULL when there are none */
    size_t len;
} DoraParameters_t;

/* What the runtime can do for the operator whose dora_on_event runs, beyond dora's own forms. Usable until dora_on_event returns, on
 * the thread that called it; elsewhere everything fails. What is passed in is only read during the call, except for Arrow structs. */
typedef struct DoraOperatorApi
{
    size_t size; /* of this struct in the runtime: a function that lies behind it is not there */

    /* Sends bytes: one copy. */
    DoraResult_t (*send)(DoraText_t id, const uint8_t *data, size_t data_len, DoraParameters_t parameters);

    /* Sends what `write` puts into the message, without a copy. `write` is called once, before this returns, with data_len bytes that are
     * not zeroed. If it returns false, nothing is sent, and this fails. */
    DoraResult_t (*send_in_place)(
        DoraText_t id, size_t data_len, bool (*write)(void *state, uint8_t *data, size_t data_len), void *state, DoraParameters_t parameters);

    /* Sends a typed Arrow array: its buffers are copied once. Takes both structs over in every case, also on failure. */
    DoraResult_t (*send_arrow)(DoraText_t id, struct ArrowArray *array, struct ArrowSchema *schema, DoraParameters_t parameters);

    /* Passes the input of this call on as it came: bytes, parameters and Arrow type. Siblings get the very same memory. */
    DoraResult_t (*forward)(DoraText_t id);

    /* The parameters of the input of this call; they live until dora_on_event returns. */
    DoraResult_t (*read_parameters)(DoraParameters_t *parameters);

    /* The input of this call as an Arrow array over the sender's memory; plain bytes are a uint8 array. Both structs are written over and
     * are the operator's to release. The array holds the message by itself: it may be kept after dora_on_event. */
    DoraResult_t (*read_arrow)(struct ArrowArray *array, struct ArrowSchema *schema);

    /* Writes a record to the dataflow's log. level: 0 error, 1 warn, 2 info, 3 debug, 4 trace (dora_log_level in dora.h). */
    DoraResult_t (*log)(int level, DoraText_t message);

    /* What the operator keeps beyond its own life; it needs `state: {}` in the dataflow. What is saved becomes permanent, all of it at once, when
     * dora_on_event has returned without an error, and before outputs leave. A value that finds no room is an error, and changes nothing. */
    DoraResult_t (*save_state)(DoraText_t key, const uint8_t *value, size_t value_len);
    DoraResult_t (*delete_state)(DoraText_t key);
    DoraResult_t (*commit_state)(void); /* with `commit: explicit`: makes permanent what was saved so far */
} DoraOperatorApi_t;

/* One value of the state. Borrowed, for the call. */
typedef struct DoraStateEntry
{
    DoraText_t key;
    const uint8_t *value;
    size_t value_len;
} DoraStateEntry_t;

/* Why there is a new instance, and in what shape the state is. Borrowed, for the call. */
typedef struct DoraRestoreInfo
{
    size_t size;         /* of this struct in the runtime */
    int reason;          /* 0 first start, 1 operator failed, 2 runtime restarted, 3 previous run, 4 reloaded, 5 the state was reset */
    int32_t incarnation; /* instances that had this state before */
    int32_t version;     /* the descriptor's at the last commit */
    const DoraText_t *damaged_keys; /* what counts as missing, because it is not what was written */
    size_t damaged_keys_len;
} DoraRestoreInfo_t;

/* A message; borrowed. */
typedef struct Input
{
    Vec_uint8_t id;   /* the input, as the dataflow names it */
    Vec_uint8_t data; /* in place in shared memory: read-only */
    Metadata_t metadata;
    uint64_t timestamp_ns; /* when it was sent: nanoseconds since 1970 UTC by the sender's hybrid logical clock */
    bool is_arrow;         /* the sender sent a typed Arrow array, and `data` are its buffers; read_arrow */
    const DoraOperatorApi_t *api;
} Input_t;

/* What happened: one of these is set, and with it what is said there. Borrowed. */
typedef struct RawEvent
{
    Input_t *input;           /* a message, or NULL */
    Vec_uint8_t input_closed; /* the input that brings nothing more; ptr is NULL when it is another event */
    bool stop;                /* the last event */
    Vec_uint8_t error;        /* a text: a node upstream failed; node_failed says which. ptr is NULL when it is another event */
    Vec_uint8_t input_recovered; /* the input that was late and brings messages again */
    Vec_uint8_t node_restarted;  /* the node upstream that was started again */
    Vec_uint8_t node_failed;     /* the node upstream that failed; with error */
    Vec_uint8_t reason;          /* why, for people: with input_closed, stop and deadline_missed; may be empty */
    /* The input whose last message was handled after its deadline; ptr is NULL when it is another event. Only where the descriptor says
       on_miss: event. An operator compiled before this existed sees an event of no kind that it knows. */
    Vec_uint8_t deadline_missed;
} RawEvent_t;

/* A message to send. id and data are from malloc and freed by the runtime. */
typedef struct Output
{
    Vec_uint8_t id;
    Vec_uint8_t data;
    Metadata_t metadata;
} Output_t;

typedef struct ArcDynFn1_DoraResult_Output
{
    void *env_ptr;
    DoraResult_t (*call)(void *env_ptr, Output_t output);
    void (*release)(void *env_ptr); /* both do nothing: the runtime owns env_ptr */
    void (*retain)(void *env_ptr);
} ArcDynFn1_DoraResult_Output_t;

/* Sends outputs; usable until dora_on_event returns, on the thread that called it. */
typedef struct SendOutput
{
    ArcDynFn1_DoraResult_Output_t send_output;
    /* Sends bytes that stay the operator's: one copy, no malloc. */
    DoraResult_t (*send_bytes)(void *env_ptr, const char *id, size_t id_len, const uint8_t *data, size_t data_len);
    const DoraOperatorApi_t *api;
} SendOutput_t;

#ifdef __cplusplus
}
#endif

#endif
