/* SPDX-License-Identifier: Apache-2.0 */
/* What the files of dora._native share. Objects, top down: Node owns the libdora node; a Message or a Loan holds its Node. */
#ifndef DORA_NATIVE_H
#define DORA_NATIVE_H

#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <stdint.h>
#include <dora/arrow.h>
#include <dora/dora.h>

enum { KnownIdsMax = 64 };

typedef struct
{
    PyObject_HEAD
    dora_node_t *handle;
    PyThread_type_lock receiving; /* who holds it may call dora_node_next_event and dora_node_wait_* */
    PyObject *make_array;         /* class of Arrow arrays */
    PyObject *make_value;         /* from such an array to what event["value"] holds, or NULL */
    int closed;                   /* by close(); under the GIL */
    int ended;                    /* no more events; under the GIL */
    int known_count;
    struct { const char *data; PyObject *text; } known[KnownIdsMax]; /* input ids: libdora gives the same address each time */
} Node;

extern PyTypeObject NodeType, MessageType, LoanType;
extern PyObject *DoraError; /* dora.DoraError */
extern int Forked;          /* this process is a fork of one with a node: libdora is dead in it */

/* Raises DoraError for a status; NULL. */
PyObject *raise_status(dora_status status);

/* 0, or -1 and an exception when the node was closed or forked away from. */
int check_node(Node *node);

/* The dictionary of an event, which is used up. */
PyObject *event_dictionary(Node *node, dora_event_t *event);

/* A dictionary as parameters; NULL for none. 0, or -1 and an exception. */
int metadata_from(PyObject *dictionary, dora_metadata_t **metadata);

/* Adds an input's parameters to a dictionary. 0, or -1 and an exception. */
int metadata_into(dora_event_t *event, PyObject *dictionary);

/* Nanoseconds since 1970 as an aware datetime in UTC; its microseconds are cut off. */
PyObject *time_from_ns(uint64_t unix_ns);

/* Node.loan(output, length, metadata) */
PyObject *loan_new(Node *node, PyObject *args);

int metadata_ready(void);
int events_ready(void);

#endif
