/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Types of the C operator API: what passes between the runtime and an operator in a shared library.
 *
 * The names are dora's, in both of its forms: programs that read `event->input->data.ptr` and call
 * `send_output->send_output.call(env_ptr, output)`, and programs that use the dora_read_… and dora_send_… helpers of operator_api.h.
 */
#ifndef DORA_OPERATOR_TYPES_H
#define DORA_OPERATOR_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

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

/* A message; borrowed. */
typedef struct Input
{
    Vec_uint8_t id;   /* the input, as the dataflow names it */
    Vec_uint8_t data; /* in place in shared memory: read-only */
    Metadata_t metadata;
    uint64_t timestamp_ns; /* when it was sent: nanoseconds since 1970 UTC by the sender's hybrid logical clock */
} Input_t;

/* What happened: exactly one of these is set. Borrowed. */
typedef struct RawEvent
{
    Input_t *input;           /* a message, or NULL */
    Vec_uint8_t input_closed; /* the input that brings nothing more; ptr is NULL when it is another event */
    bool stop;                /* the last event */
    Vec_uint8_t error;        /* a text; ptr is NULL when it is another event */
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
} SendOutput_t;

#ifdef __cplusplus
}
#endif

#endif
