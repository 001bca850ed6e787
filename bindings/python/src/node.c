/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dora._native: the node API of libdora. dora.Node wraps it.
 *
 * Threads: the GIL guards all fields. It is released while waiting, and while more than a few KiB are copied. One thread at a time
 * receives, the others wait for the lock; slices keep both interruptible by signals.
 *
 * Fork: libdora's threads don't exist in a forked child, so nothing may call it there. Every method checks.
 */
#include "native.h"
#include <pthread.h>
#include <string.h>
#include <time.h>

#define SLICE_NS 100000000LL /* a signal is seen this late at most */
#define COPY_WITH_GIL 16384  /* bytes; copying them takes about as long as releasing the GIL and getting it back */

PyObject *DoraError;
int Forked;

static void after_fork(void) { Forked = 1; }

PyObject *raise_status(dora_status status)
{
    PyObject *error = PyObject_CallFunction(DoraError, "si", dora_last_error(), (int)status);
    if (error != NULL)
    {
        PyErr_SetObject(DoraError, error);
        Py_DECREF(error);
    }

    return NULL;
}

int check_node(Node *node)
{
    if (!Forked && !node->closed)
        return 0;
    PyErr_SetString(DoraError, Forked
        ? "a node cannot be used in a forked process: start processes with subprocess, or multiprocessing's \"spawn\""
        : "the node was closed");
    return -1;
}

static int64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000000000LL + now.tv_nsec;
}

/* ---- Life --------------------------------------------------------------------------------------------------------------------- */

static PyObject *node_new(PyTypeObject *type, PyObject *args, PyObject *keywords)
{
    (void)keywords;
    PyObject *make_array, *make_value;
    if (!PyArg_ParseTuple(args, "OO", &make_array, &make_value))
        return NULL;
    if (Forked)
    {
        PyErr_SetString(DoraError, "a forked process cannot become a node: libdora was in use before the fork");
        return NULL;
    }

    dora_node_t *handle = NULL;
    dora_status status;
    Py_BEGIN_ALLOW_THREADS
    status = dora_node_init(&handle);
    Py_END_ALLOW_THREADS
    if (status != DORA_OK)
        return raise_status(status);
    Node *self = (Node *)type->tp_alloc(type, 0);
    PyThread_type_lock lock = PyThread_allocate_lock();
    if (self == NULL || lock == NULL)
    {
        dora_node_free(handle);
        Py_XDECREF(self);
        return PyErr_NoMemory();
    }

    self->handle = handle;
    self->receiving = lock;
    self->make_array = Py_NewRef(make_array);
    self->make_value = make_value == Py_None ? NULL : Py_NewRef(make_value);
    return (PyObject *)self;
}

static void node_dealloc(Node *self)
{
    if (self->handle != NULL && !Forked)
    {
        PyObject *type, *value, *trace; /* a destructor must not disturb an exception under way */
        PyErr_Fetch(&type, &value, &trace);
        Py_BEGIN_ALLOW_THREADS
        dora_node_free(self->handle);
        Py_END_ALLOW_THREADS
        PyErr_Restore(type, value, trace);
    }

    for (int i = 0; i < self->known_count; i++)
        Py_DECREF(self->known[i].text);
    if (self->receiving != NULL)
        PyThread_free_lock(self->receiving);
    Py_XDECREF(self->make_array);
    Py_XDECREF(self->make_value);
    Py_TYPE(self)->tp_free(self);
}

static PyObject *node_close(Node *self, PyObject *unused)
{
    (void)unused;
    if (!self->closed && !Forked)
    {
        self->closed = 1; /* who waits sees it within a slice; the node is freed with the last reference to it */
        Py_BEGIN_ALLOW_THREADS
        dora_node_close_output(self->handle, NULL, 0);
        Py_END_ALLOW_THREADS
    }

    Py_RETURN_NONE;
}

/* ---- Receiving ---------------------------------------------------------------------------------------------------------------- */

/* Inputs to wait for; none: whatever comes. */
typedef struct
{
    const char **names;
    size_t *lengths;
    size_t count;
    int all;
} Wanted;

static dora_status receive_once(Node *self, const Wanted *wanted, int64_t timeout, dora_event_t **event)
{
    if (wanted->count == 0)
        return dora_node_next_event(self->handle, timeout, event);
    return (wanted->all ? dora_node_wait_all : dora_node_wait_any)(self->handle, wanted->names, wanted->lengths, wanted->count, timeout, event);
}

/* A dictionary, or None: nothing came in time, chosen inputs are closed, or, with `ended` set, nothing will ever come. */
static PyObject *receive(Node *self, const Wanted *wanted, long long timeout)
{
    if (check_node(self) < 0)
        return NULL;
    dora_event_t *event = NULL;
    dora_status status = DORA_TIMEOUT;
    if (PyThread_acquire_lock(self->receiving, NOWAIT_LOCK)) /* what has come already is taken without giving up the GIL */
    {
        status = receive_once(self, wanted, 0, &event);
        PyThread_release_lock(self->receiving);
    }

    int64_t deadline = timeout > 0 ? now_ns() + timeout : 0;
    while (status == DORA_TIMEOUT && timeout != 0)
    {
        int64_t left = timeout < 0 ? SLICE_NS : deadline - now_ns();
        if (left <= 0)
            break;
        if (left > SLICE_NS)
            left = SLICE_NS;
        Py_BEGIN_ALLOW_THREADS
        if (PyThread_acquire_lock_timed(self->receiving, left / 1000, 0) == PY_LOCK_ACQUIRED)
        {
            status = receive_once(self, wanted, left, &event);
            PyThread_release_lock(self->receiving);
        }

        Py_END_ALLOW_THREADS
        if (status == DORA_OK)
            break;
        if (PyErr_CheckSignals() < 0)
            return NULL;
        if (self->closed)
            status = DORA_ENDED;
    }

    if (status == DORA_OK)
        return event_dictionary(self, event);
    if (status == DORA_ENDED)
        self->ended = 1;
    else if (status != DORA_TIMEOUT && status != DORA_CLOSED)
        return raise_status(status);
    Py_RETURN_NONE;
}

/* next(timeout_ns); negative: no limit */
static PyObject *node_next(Node *self, PyObject *argument)
{
    long long timeout = PyLong_AsLongLong(argument);
    if (timeout == -1 && PyErr_Occurred())
        return NULL;
    Wanted everything = { NULL, NULL, 0, 0 };
    return receive(self, &everything, timeout);
}

/* wait(inputs, all, timeout_ns); inputs: a tuple of texts, which keeps them while this waits */
static PyObject *node_wait(Node *self, PyObject *args)
{
    PyObject *inputs, *result = NULL;
    long long timeout;
    Wanted wanted = { NULL, NULL, 0, 0 };
    if (!PyArg_ParseTuple(args, "O!pL", &PyTuple_Type, &inputs, &wanted.all, &timeout))
        return NULL;
    Py_ssize_t count = PyTuple_GET_SIZE(inputs), i = 0, length;
    if (count == 0)
        return PyErr_Format(PyExc_ValueError, "name at least one input to wait for");
    wanted.count = (size_t)count;
    wanted.names = PyMem_Calloc(wanted.count, sizeof *wanted.names);
    wanted.lengths = PyMem_Calloc(wanted.count, sizeof *wanted.lengths);
    if (wanted.names == NULL || wanted.lengths == NULL)
    {
        PyErr_NoMemory();
        goto done;
    }

    for (; i < count; i++)
    {
        if ((wanted.names[i] = PyUnicode_AsUTF8AndSize(PyTuple_GET_ITEM(inputs, i), &length)) == NULL)
            goto done;
        wanted.lengths[i] = (size_t)length;
    }

    result = receive(self, &wanted, timeout);
done:
    PyMem_Free(wanted.names);
    PyMem_Free(wanted.lengths);
    return result;
}

/* ---- Sending ------------------------------------------------------------------------------------------------------------------ */

static dora_status send_bytes(Node *self, const char *id, Py_ssize_t id_length, const Py_buffer *data, dora_metadata_t *metadata)
{
    dora_status status = DORA_BACK_PRESSURED;
    if (data->len <= COPY_WITH_GIL)
        status = dora_node_try_send(self->handle, id, (size_t)id_length, data->buf, (size_t)data->len, metadata);
    if (status == DORA_BACK_PRESSURED || status == DORA_POOL_EXHAUSTED)
    {
        Py_BEGIN_ALLOW_THREADS
        status = dora_node_send(self->handle, id, (size_t)id_length, data->buf, (size_t)data->len, metadata);
        Py_END_ALLOW_THREADS
    }

    return status;
}

static PyObject *finish(dora_status status)
{
    if (status == DORA_OK)
        Py_RETURN_TRUE;
    if (status == DORA_STOPPING || status == DORA_BACK_PRESSURED || status == DORA_POOL_EXHAUSTED) /* the latter two without waiting only */
        Py_RETURN_FALSE;
    return raise_status(status);
}

/* send(output, data, metadata, wait): data is a buffer of bytes, or the pair of capsules that __arrow_c_array__ gives. */
static PyObject *node_send(Node *self, PyObject *args)
{
    PyObject *output, *data, *parameters;
    Py_ssize_t id_length;
    int wait = 1;
    if (!PyArg_ParseTuple(args, "UOO|p", &output, &data, &parameters, &wait))
        return NULL;
    const char *id = PyUnicode_AsUTF8AndSize(output, &id_length);
    if (id == NULL || check_node(self) < 0)
        return NULL;
    dora_metadata_t *metadata = NULL;
    if (metadata_from(parameters, &metadata) < 0)
        return NULL;
    dora_status status = DORA_OK;
    if (PyTuple_CheckExact(data))
    {
        PyObject *schema_capsule, *array_capsule;
        struct ArrowSchema *schema = NULL;
        struct ArrowArray *array = NULL;
        if (PyArg_ParseTuple(data, "OO", &schema_capsule, &array_capsule))
        {
            schema = PyCapsule_GetPointer(schema_capsule, "arrow_schema");
            array = schema == NULL ? NULL : PyCapsule_GetPointer(array_capsule, "arrow_array");
        }

        if (array != NULL)
        {
            Py_BEGIN_ALLOW_THREADS
            status = (wait ? dora_node_send_arrow : dora_node_try_send_arrow)(self->handle, id, (size_t)id_length, array, schema, metadata);
            Py_END_ALLOW_THREADS
        }
    }
    else
    {
        Py_buffer view;
        if (PyObject_GetBuffer(data, &view, PyBUF_SIMPLE) == 0)
        {
            status = wait ? send_bytes(self, id, id_length, &view, metadata)
                          : dora_node_try_send(self->handle, id, (size_t)id_length, view.buf, (size_t)view.len, metadata);
            PyBuffer_Release(&view);
        }
    }

    PyObject *result = PyErr_Occurred() ? NULL : finish(status);
    if (metadata != NULL)
        dora_metadata_free(metadata);
    return result;
}

static PyObject *node_close_output(Node *self, PyObject *argument)
{
    Py_ssize_t length = 0;
    const char *id = argument == Py_None ? NULL : PyUnicode_AsUTF8AndSize(argument, &length);
    if ((id == NULL && argument != Py_None) || check_node(self) < 0)
        return NULL;
    dora_status status;
    Py_BEGIN_ALLOW_THREADS
    status = dora_node_close_output(self->handle, id, (size_t)length);
    Py_END_ALLOW_THREADS
    if (status < 0)
        return raise_status(status);
    Py_RETURN_NONE;
}

static PyObject *node_subscribers(Node *self, PyObject *argument)
{
    Py_ssize_t length;
    const char *id = PyUnicode_AsUTF8AndSize(argument, &length);
    if (id == NULL || check_node(self) < 0)
        return NULL;
    int count = dora_node_subscriber_count(self->handle, id, (size_t)length);
    return count < 0 ? raise_status((dora_status)count) : PyLong_FromLong(count);
}

/* ---- What is known about the node --------------------------------------------------------------------------------------------- */

static PyObject *give(Node *self, dora_status (*ask)(dora_node_t *, const char **, size_t *))
{
    const char *data;
    size_t length;
    if (check_node(self) < 0)
        return NULL;
    dora_status status = ask(self->handle, &data, &length);
    return status == DORA_OK ? PyUnicode_DecodeUTF8(data, (Py_ssize_t)length, "strict") : raise_status(status);
}

static PyObject *node_id(Node *self, PyObject *unused) { (void)unused; return give(self, dora_node_id); }

static PyObject *node_dataflow_id(Node *self, PyObject *unused) { (void)unused; return give(self, dora_node_dataflow_id); }

static PyObject *node_descriptor(Node *self, PyObject *unused) { (void)unused; return give(self, dora_node_dataflow_descriptor); }

static PyObject *node_config(Node *self, PyObject *unused) { (void)unused; return give(self, dora_node_config_json); }

static PyObject *node_restart_count(Node *self, PyObject *unused)
{
    (void)unused;
    uint32_t count;
    if (check_node(self) < 0)
        return NULL;
    dora_status status = dora_node_restart_count(self->handle, &count);
    return status == DORA_OK ? PyLong_FromUnsignedLong(count) : raise_status(status);
}

static PyObject *node_timestamp(Node *self, PyObject *unused)
{
    (void)unused;
    uint64_t ns;
    if (check_node(self) < 0)
        return NULL;
    dora_status status = dora_node_timestamp(self->handle, &ns);
    return status == DORA_OK ? PyLong_FromUnsignedLongLong(ns) : raise_status(status);
}

static PyObject *node_log(Node *self, PyObject *args)
{
    int level;
    const char *message, *target = NULL;
    Py_ssize_t message_length, target_length = 0;
    if (!PyArg_ParseTuple(args, "is#z#", &level, &message, &message_length, &target, &target_length) || check_node(self) < 0)
        return NULL;
    dora_status status;
    Py_BEGIN_ALLOW_THREADS
    status = dora_node_log(self->handle, level, message, (size_t)message_length, target, (size_t)target_length);
    Py_END_ALLOW_THREADS
    if (status < 0)
        return raise_status(status);
    Py_RETURN_NONE;
}

static PyObject *node_loan(Node *self, PyObject *args) { return loan_new(self, args); }

static PyObject *get_ended(Node *self, void *unused) { (void)unused; return PyBool_FromLong(self->ended); }

static PyObject *get_closed(Node *self, void *unused) { (void)unused; return PyBool_FromLong(self->closed); }

static PyGetSetDef node_properties[] = {
    { "ended", (getter)get_ended, NULL, PyDoc_STR("Whether there will be no more events."), NULL },
    { "closed", (getter)get_closed, NULL, PyDoc_STR("Whether close() was called."), NULL },
    { NULL, NULL, NULL, NULL, NULL },
};

static PyMethodDef node_methods[] = {
    { "next", (PyCFunction)node_next, METH_O, PyDoc_STR("next(timeout_ns): the next event, or None; negative: for ever.") },
    { "wait", (PyCFunction)node_wait, METH_VARARGS, PyDoc_STR("wait(inputs, all, timeout_ns): a message of one of them, or of each, or None.") },
    { "send", (PyCFunction)node_send, METH_VARARGS, PyDoc_STR("send(output, buffer or capsules, metadata, wait=True): False when nothing was sent.") },
    { "loan", (PyCFunction)node_loan, METH_VARARGS, PyDoc_STR("loan(output, length, metadata): shared memory to build a message in.") },
    { "close_output", (PyCFunction)node_close_output, METH_O, PyDoc_STR("close_output(output or None): ends one output, or all.") },
    { "subscribers", (PyCFunction)node_subscribers, METH_O, PyDoc_STR("How many inputs the next message of an output would reach.") },
    { "id", (PyCFunction)node_id, METH_NOARGS, NULL },
    { "dataflow_id", (PyCFunction)node_dataflow_id, METH_NOARGS, NULL },
    { "descriptor", (PyCFunction)node_descriptor, METH_NOARGS, PyDoc_STR("The dataflow, as YAML.") },
    { "config", (PyCFunction)node_config, METH_NOARGS, PyDoc_STR("The node's configuration, as JSON.") },
    { "restart_count", (PyCFunction)node_restart_count, METH_NOARGS, NULL },
    { "timestamp", (PyCFunction)node_timestamp, METH_NOARGS, NULL },
    { "log", (PyCFunction)node_log, METH_VARARGS, PyDoc_STR("log(level, message, target or None)") },
    { "close", (PyCFunction)node_close, METH_NOARGS, PyDoc_STR("Ends all outputs; the memory stays until nobody holds it.") },
    { NULL, NULL, 0, NULL },
};

PyTypeObject NodeType = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "dora._native.Node",
    .tp_basicsize = sizeof(Node),
    .tp_dealloc = (destructor)node_dealloc,
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_doc = PyDoc_STR("Node(make_array, make_value or None): joins the dataflow that started this process, and waits until it starts."),
    .tp_methods = node_methods,
    .tp_getset = node_properties,
    .tp_new = node_new,
};

static PyObject *module_version(PyObject *self, PyObject *unused)
{
    (void)self;
    (void)unused;
    return PyUnicode_FromString(dora_version());
}

static PyMethodDef functions[] = {
    { "version", module_version, METH_NOARGS, PyDoc_STR("Version of libdora.") },
    { NULL, NULL, 0, NULL },
};

static struct PyModuleDef module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "dora._native",
    .m_doc = PyDoc_STR("The node API of libdora."),
    .m_size = -1,
    .m_methods = functions,
};

PyMODINIT_FUNC PyInit__native(void)
{
    uint32_t version = dora_abi_version();
    if (version < DORA_ABI_VERSION || version / 1000 != DORA_ABI_VERSION / 1000)
        return PyErr_Format(PyExc_ImportError, "libdora_node_api_c.so has ABI version %u; this package needs %u", version, DORA_ABI_VERSION);
    PyObject *errors = PyImport_ImportModule("dora._errors");
    if (errors == NULL)
        return NULL;
    DoraError = PyObject_GetAttrString(errors, "DoraError");
    Py_DECREF(errors);
    if (DoraError == NULL || metadata_ready() < 0 || events_ready() < 0)
        return NULL;
    if (PyType_Ready(&NodeType) < 0 || PyType_Ready(&MessageType) < 0 || PyType_Ready(&LoanType) < 0)
        return NULL;
    pthread_atfork(NULL, NULL, after_fork);
    PyObject *self = PyModule_Create(&module);
    if (self == NULL || PyModule_AddObjectRef(self, "Node", (PyObject *)&NodeType) < 0
        || PyModule_AddObjectRef(self, "Loan", (PyObject *)&LoanType) < 0)
    {
        Py_XDECREF(self);
        return NULL;
    }

    return self;
}
