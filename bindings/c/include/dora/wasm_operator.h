/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An operator in WebAssembly, written in C:
 *
 *     #include <dora/wasm_operator.h>
 *
 *     static int on_event(const dora_event *event)
 *     {
 *         if (event->kind == DORA_EVENT_INPUT)
 *             dora_send("echo", event->data, event->data_len);
 *         return DORA_STATUS_CONTINUE;
 *     }
 *     DORA_OPERATOR(on_event)
 *
 *     clang --target=wasm32 -O2 -mbulk-memory -nostdlib -Wl,--no-entry -I…/include operator.c -o operator.wasm
 *
 * There is no C library: no malloc, no stdio, no clock; variables are static or on the stack. Nothing here needs linking.
 *
 * dora calls the module on one thread, one call at a time. Every instance has memory of its own, so static variables are its state.
 * A trap, a call that takes too long, or an address outside of the memory ends the instance, and a new one takes its place; other
 * operators do not notice. The interface below the helpers is described in docs/formats/wasm-operator.md.
 */
#ifndef DORA_WASM_OPERATOR_H
#define DORA_WASM_OPERATOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The interface that this header describes; dora refuses a module of another one. */
#define DORA_WASM_ABI_VERSION 1

/* What an operator is told; others may come later. The numbers are those of dora.h. */
enum dora_wasm_event
{
    DORA_EVENT_STOP = 0,            /* the last event; data: why, a text */
    DORA_EVENT_INPUT = 1,           /* id: the input; data: the message */
    DORA_EVENT_INPUT_CLOSED = 2,    /* id: the input, which brings nothing more or is late; data: why, a text */
    DORA_EVENT_INPUT_RECOVERED = 5, /* id: the input, which was late */
    DORA_EVENT_NODE_RESTARTED = 6,  /* id: a node that feeds this operator */
    DORA_EVENT_NODE_FAILED = 7,     /* id: a node that feeds this operator; data: how, a text */
    DORA_EVENT_DEADLINE_MISSED = 9  /* id: the input whose message before this event was late; data: how late, a text; see on_miss */
};

/* What it answers. */
enum dora_wasm_status
{
    DORA_STATUS_CONTINUE = 0, /* send more events */
    DORA_STATUS_STOP = 1,     /* this operator is done: its outputs close */
    DORA_STATUS_STOP_ALL = 2, /* the whole dataflow is done */
    DORA_STATUS_FAILED = 3    /* this instance failed; see dora_fail */
};

/* Types of parameters. */
enum dora_wasm_parameter
{
    DORA_PARAMETER_NONE = 0,      /* there is none of this name */
    DORA_PARAMETER_BOOL = 1,      /* 1 byte, 0 or 1 */
    DORA_PARAMETER_INTEGER = 2,   /* int64_t */
    DORA_PARAMETER_FLOAT = 3,     /* double */
    DORA_PARAMETER_STRING = 4,    /* UTF-8 */
    DORA_PARAMETER_INTEGERS = 5,  /* int64_t, any number */
    DORA_PARAMETER_FLOATS = 6,    /* double, any number */
    DORA_PARAMETER_STRINGS = 7,   /* each: uint32_t length, UTF-8 */
    DORA_PARAMETER_TIMESTAMP = 8   /* uint64_t, nanoseconds since 1970 UTC */
};

enum dora_wasm_log_level
{
    DORA_LOG_ERROR = 0,
    DORA_LOG_WARN = 1,
    DORA_LOG_INFO = 2,
    DORA_LOG_DEBUG = 3,
    DORA_LOG_TRACE = 4
};

/* One event. The memory is dora's to write again once on_event has returned: copy what is to be kept. */
typedef struct dora_event
{
    int kind;            /* dora_wasm_event */
    const char *id;      /* UTF-8, id_len bytes, not terminated */
    size_t id_len;
    const uint8_t *data; /* aligned to 16 bytes */
    size_t data_len;
} dora_event;

/* ---- What dora provides. Lengths are in bytes. An address outside of the memory, or a wrong id or kind, ends the instance. ---- */

#define DORA_IMPORT(name) __attribute__((import_module("dora"), import_name(name)))
#define DORA_EXPORT(name) __attribute__((export_name(name), used))

/* Sends bytes, which are copied, with the parameters that were set. */
DORA_IMPORT("send_output") void dora_send_output(const char *id, size_t id_len, const void *data, size_t data_len);

/* Passes the input on as it came, without copying it, the type of an Arrow array included. */
DORA_IMPORT("forward_input") void dora_forward_input(const char *id, size_t id_len);

/* When the input was sent: nanoseconds since 1970 UTC; 0 for other events. */
DORA_IMPORT("timestamp") uint64_t dora_timestamp(void);

DORA_IMPORT("log") void dora_log_text(int level, const char *message, size_t message_len);

/* Says what went wrong; the text is used when the call then returns DORA_STATUS_FAILED. */
DORA_IMPORT("set_error") void dora_set_error(const char *message, size_t message_len);

/* The parameters of the input. Both of the readers return the bytes that there are, and write them only if they fit;
 * -1: there is no such parameter, -2: it is of another kind. */
DORA_IMPORT("parameter_count") int dora_parameter_count(void);
DORA_IMPORT("parameter_key") int dora_parameter_key(int index, void *buffer, size_t capacity);
DORA_IMPORT("parameter_kind") int dora_parameter_kind(const char *key, size_t key_len);
DORA_IMPORT("parameter_get") int dora_parameter_get(const char *key, size_t key_len, int kind, void *buffer, size_t capacity);

/* Parameters of the next message that is sent. */
DORA_IMPORT("parameter_set") void dora_parameter_set(const char *key, size_t key_len, int kind, const void *value, size_t value_len);
DORA_IMPORT("parameters_copy") void dora_parameters_copy(void); /* all of the input's */

/* What outlives this instance, for operators with `state` in the descriptor: bytes under keys. What an event sets is kept, all of it or nothing,
 * when on_event has answered without failing, and only then is what it sent passed on. Read it in init, too; set it in on_event only. */
enum dora_state_reason
{
    DORA_STATE_FIRST_START = 0,
    DORA_STATE_OPERATOR_FAILED = 1,
    DORA_STATE_RUNTIME_RESTARTED = 2,
    DORA_STATE_PREVIOUS_RUN = 3,
    DORA_STATE_RELOADED = 4,
    DORA_STATE_RESET = 5
};

/* The bytes that there are, written only if they fit; -1: there is nothing under the key. */
DORA_IMPORT("state_get") int dora_state_get(const char *key, size_t key_len, void *buffer, size_t capacity);
DORA_IMPORT("state_set") void dora_state_set(const char *key, size_t key_len, const void *value, size_t value_len);
DORA_IMPORT("state_delete") int dora_state_delete(const char *key, size_t key_len); /* 1: there was something */
DORA_IMPORT("state_commit") void dora_state_commit(void);                           /* with `commit: explicit`: keep what was set, when this event is over */
DORA_IMPORT("state_reason") int dora_state_reason(void);                            /* why there is a new instance */
DORA_IMPORT("state_version") int dora_state_version(void);                          /* of the descriptor that the state was kept under */

/* ---- Convenience: texts are C strings. ---- */

static inline size_t dora_text_len(const char *text)
{
    size_t length = 0;
    while (text[length] != 0)
        length++;
    return length;
}

/* Whether the event is about this input or node. */
static inline bool dora_is(const dora_event *event, const char *id)
{
    size_t i = 0;
    for (; i < event->id_len; i++)
    {
        if (id[i] == 0 || id[i] != event->id[i])
            return false;
    }
    return id[i] == 0;
}

static inline void dora_send(const char *id, const void *data, size_t data_len)
{
    dora_send_output(id, dora_text_len(id), data, data_len);
}

static inline void dora_forward(const char *id)
{
    dora_forward_input(id, dora_text_len(id));
}

static inline void dora_log_message(int level, const char *message)
{
    dora_log_text(level, message, dora_text_len(message));
}

/* To be returned by on_event or init: `return dora_fail("no calibration");` */
static inline int dora_fail(const char *message)
{
    dora_set_error(message, dora_text_len(message));
    return DORA_STATUS_FAILED;
}

static inline void dora_set_integer(const char *key, int64_t value)
{
    dora_parameter_set(key, dora_text_len(key), DORA_PARAMETER_INTEGER, &value, sizeof value);
}

static inline void dora_set_float(const char *key, double value)
{
    dora_parameter_set(key, dora_text_len(key), DORA_PARAMETER_FLOAT, &value, sizeof value);
}

static inline void dora_set_bool(const char *key, bool value)
{
    uint8_t byte = value;
    dora_parameter_set(key, dora_text_len(key), DORA_PARAMETER_BOOL, &byte, sizeof byte);
}

static inline void dora_set_string(const char *key, const char *value)
{
    dora_parameter_set(key, dora_text_len(key), DORA_PARAMETER_STRING, value, dora_text_len(value));
}

/* The value, or what is given when the input has no such parameter of that type. */
static inline int64_t dora_get_integer(const char *key, int64_t otherwise)
{
    int64_t value;
    return dora_parameter_get(key, dora_text_len(key), DORA_PARAMETER_INTEGER, &value, sizeof value) == sizeof value ? value : otherwise;
}

static inline double dora_get_float(const char *key, double otherwise)
{
    double value;
    return dora_parameter_get(key, dora_text_len(key), DORA_PARAMETER_FLOAT, &value, sizeof value) == sizeof value ? value : otherwise;
}

static inline bool dora_get_bool(const char *key, bool otherwise)
{
    uint8_t value;
    return dora_parameter_get(key, dora_text_len(key), DORA_PARAMETER_BOOL, &value, sizeof value) == sizeof value ? value != 0 : otherwise;
}

/* A terminated copy of a text; its length, or -1 when there is none that fits. */
static inline int dora_get_string(const char *key, char *buffer, size_t capacity)
{
    int length = dora_parameter_get(key, dora_text_len(key), DORA_PARAMETER_STRING, buffer, capacity);
    if (length < 0 || (size_t)length >= capacity)
        return -1;
    buffer[length] = 0;
    return length;
}

/* The value of a plain type, or false when nothing that long is kept. */
static inline bool dora_restore(const char *key, void *value, size_t size)
{
    return dora_state_get(key, dora_text_len(key), value, size) == (int)size;
}

static inline void dora_save(const char *key, const void *value, size_t size)
{
    dora_state_set(key, dora_text_len(key), value, size);
}

/* ---- The exports. Once a module: DORA_OPERATOR(on_event), with DORA_ON_INIT(init) and DORA_ON_DROP(drop) beside it if wanted. ---- */

/* Memory for one event at a time: all that lies behind the module's own data. A module with a malloc defines DORA_EVENT_MEMORY(size) before
 * including this header: an expression for `size` bytes aligned to 16, NULL without memory; the region before may be freed. */
#ifndef DORA_EVENT_MEMORY
extern unsigned char __heap_base;
static inline void *dora_heap_for_event(size_t size)
{
    uintptr_t start = ((uintptr_t)&__heap_base + 15) & ~(uintptr_t)15;
    uint64_t end = (uint64_t)start + size;
    uint64_t have = (uint64_t)__builtin_wasm_memory_size(0) << 16;
    if (end > have && __builtin_wasm_memory_grow(0, (size_t)((end - have + 0xFFFF) >> 16)) == (size_t)-1)
        return NULL;
    return (void *)start;
}
#define DORA_EVENT_MEMORY(size) dora_heap_for_event(size)
#endif

#define DORA_OPERATOR(on_event)                                                                                      \
    DORA_EXPORT("dora_abi_version") int dora_abi_version(void) { return DORA_WASM_ABI_VERSION; }                     \
    DORA_EXPORT("dora_alloc") void *dora_alloc(size_t size) { return DORA_EVENT_MEMORY(size); }                      \
    DORA_EXPORT("dora_on_event")                                                                                     \
    int dora_on_event(int kind, const char *id, size_t id_len, const uint8_t *data, size_t data_len)                 \
    {                                                                                                                \
        dora_event event = {kind, id, id_len, data, data_len};                                                       \
        return on_event(&event);                                                                                     \
    }

/* int init(void): before the first event; 0, or dora_fail(…). */
#define DORA_ON_INIT(init) DORA_EXPORT("dora_init") int dora_init(void) { return init(); }

/* void drop(void): after the last event; not after a failure. */
#define DORA_ON_DROP(drop) DORA_EXPORT("dora_drop") void dora_drop(void) { drop(); }

#ifdef __cplusplus
}
#endif

#endif
