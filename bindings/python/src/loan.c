/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Node.send_output_raw: shared memory on loan, written in place, sent at the end of a `with` block. While anybody else still has a view
 * of it at that moment (a numpy array, say), the memory cannot be given away: its content is sent as a copy, with a warning, and the
 * loan goes back when the last view is gone.
 */
#include "native.h"

typedef struct
{
    PyObject_HEAD
    Node *node;
    dora_loan_t *handle; /* NULL: used up */
    uint8_t *data;
    Py_ssize_t length, exports;
    int done;            /* sent or discarded */
    PyObject *output, *metadata;
    PyObject *views;     /* list of the memoryviews given out */
} Loan;

static void give_back(Loan *self)
{
    if (self->handle != NULL && !Forked)
        dora_loan_discard(self->handle);
    self->handle = NULL;
    self->data = NULL;
}

static void loan_dealloc(Loan *self)
{
    PyObject_GC_UnTrack(self);
    give_back(self);
    Py_XDECREF(self->views);
    Py_XDECREF(self->output);
    Py_XDECREF(self->metadata);
    Py_XDECREF(self->node);
    Py_TYPE(self)->tp_free(self);
}

static int loan_traverse(Loan *self, visitproc visit, void *arg)
{
    Py_VISIT(self->views); /* a memoryview in it refers to the loan */
    Py_VISIT(self->metadata);
    return 0;
}

static int loan_clear(Loan *self)
{
    Py_CLEAR(self->views);
    Py_CLEAR(self->metadata);
    return 0;
}

PyObject *loan_new(Node *node, PyObject *args)
{
    PyObject *output, *metadata;
    Py_ssize_t length, id_length;
    if (!PyArg_ParseTuple(args, "UnO", &output, &length, &metadata) || check_node(node) < 0)
        return NULL;
    const char *id = PyUnicode_AsUTF8AndSize(output, &id_length);
    if (id == NULL)
        return NULL;
    if (length < 0)
    {
        PyErr_SetString(PyExc_ValueError, "a message has no negative length");
        return NULL;
    }

    dora_metadata_t *parameters = NULL; /* wrong ones are refused now; they are encoded when it is sent */
    if (metadata_from(metadata, &parameters) < 0)
        return NULL;
    size_t room = parameters == NULL ? 0 : 65536;
    if (parameters != NULL)
        dora_metadata_free(parameters);
    Loan *self = (Loan *)LoanType.tp_alloc(&LoanType, 0);
    if (self == NULL)
        return NULL;
    self->node = (Node *)Py_NewRef(node);
    self->output = Py_NewRef(output);
    self->metadata = Py_NewRef(metadata);
    self->length = length;
    self->views = PyList_New(0);
    if (self->views == NULL)
    {
        Py_DECREF(self);
        return NULL;
    }

    dora_status status = dora_node_try_loan(node->handle, id, (size_t)id_length, (size_t)length, room, &self->handle, &self->data);
    if (status == DORA_BACK_PRESSURED || status == DORA_POOL_EXHAUSTED)
    {
        Py_BEGIN_ALLOW_THREADS
        status = dora_node_loan(node->handle, id, (size_t)id_length, (size_t)length, room, &self->handle, &self->data);
        Py_END_ALLOW_THREADS
    }

    if (status != DORA_OK)
    {
        self->handle = NULL;
        Py_DECREF(self);
        return raise_status(status);
    }

    return (PyObject *)self;
}

static int loan_getbuffer(Loan *self, Py_buffer *buffer, int flags)
{
    static char nothing[1];
    if (self->done || Forked)
    {
        PyErr_SetString(PyExc_BufferError, "the message was sent or discarded: its memory is no longer on loan");
        buffer->obj = NULL;
        return -1;
    }

    if (PyBuffer_FillInfo(buffer, (PyObject *)self, self->length == 0 ? nothing : (char *)self->data, self->length, 0, flags) < 0)
        return -1;
    self->exports++;
    return 0;
}

static void loan_releasebuffer(Loan *self, Py_buffer *buffer)
{
    (void)buffer;
    if (--self->exports == 0 && self->done)
        give_back(self);
}

static PyObject *loan_as_memoryview(Loan *self, PyObject *unused)
{
    (void)unused;
    PyObject *view = PyMemoryView_FromObject((PyObject *)self);
    if (view != NULL && PyList_Append(self->views, view) < 0)
        Py_CLEAR(view);
    return view;
}

/* Ends the memoryviews that we gave out; those that others have views of stay. */
static void release_views(Loan *self)
{
    for (Py_ssize_t i = 0; i < PyList_GET_SIZE(self->views); i++)
    {
        PyObject *nothing = PyObject_CallMethod(PyList_GET_ITEM(self->views, i), "release", NULL);
        if (nothing == NULL)
            PyErr_Clear();
        Py_XDECREF(nothing);
    }

    PyList_SetSlice(self->views, 0, PyList_GET_SIZE(self->views), NULL);
}

static PyObject *loan_discard(Loan *self, PyObject *unused)
{
    (void)unused;
    if (!self->done)
    {
        release_views(self);
        self->done = 1;
        if (self->exports == 0)
            give_back(self);
    }

    Py_RETURN_NONE;
}

static PyObject *loan_send(Loan *self, PyObject *unused)
{
    (void)unused;
    if (self->done)
    {
        PyErr_SetString(PyExc_ValueError, "the message was sent or discarded already");
        return NULL;
    }

    dora_metadata_t *metadata = NULL;
    if (check_node(self->node) < 0 || metadata_from(self->metadata, &metadata) < 0)
        return NULL;
    release_views(self);
    self->done = 1;
    dora_status status;
    int copied = self->exports > 0;
    Py_ssize_t id_length;
    const char *id = PyUnicode_AsUTF8AndSize(self->output, &id_length);
    Py_BEGIN_ALLOW_THREADS
    status = copied
        ? dora_node_send(self->node->handle, id, (size_t)id_length, self->data, (size_t)self->length, metadata)
        : dora_loan_send(self->handle, (size_t)self->length, metadata);
    Py_END_ALLOW_THREADS
    if (metadata != NULL)
        dora_metadata_free(metadata);
    if (status == DORA_OK && !copied)
        self->handle = NULL;
    else if (!copied || self->exports == 0) /* not sent, or the last view went while it was */
        give_back(self);
    if (status != DORA_OK && status != DORA_STOPPING)
        return raise_status(status);
    if (copied && PyErr_WarnEx(PyExc_RuntimeWarning,
            "the message was copied, because a view of its memory is still in use: delete numpy arrays made of it before the block ends", 1) < 0)
        return NULL;
    return PyBool_FromLong(status == DORA_OK);
}

static PyObject *loan_enter(PyObject *self, PyObject *unused)
{
    (void)unused;
    return Py_NewRef(self);
}

static PyObject *loan_exit(Loan *self, PyObject *args)
{
    PyObject *type, *value, *trace;
    if (!PyArg_ParseTuple(args, "OOO", &type, &value, &trace))
        return NULL;
    if (!self->done)
    {
        PyObject *result = type == Py_None ? loan_send(self, NULL) : loan_discard(self, NULL);
        if (result == NULL)
            return NULL;
        Py_DECREF(result);
    }

    Py_RETURN_FALSE;
}

static Py_ssize_t loan_length(Loan *self) { return self->length; }

static PySequenceMethods loan_sequence = { .sq_length = (lenfunc)loan_length };

static PyBufferProcs loan_buffer = { (getbufferproc)loan_getbuffer, (releasebufferproc)loan_releasebuffer };

static PyMethodDef loan_methods[] = {
    { "as_memoryview", (PyCFunction)loan_as_memoryview, METH_NOARGS, PyDoc_STR("The memory to write, not zeroed; dead once the message is sent.") },
    { "send", (PyCFunction)loan_send, METH_NOARGS, PyDoc_STR("Sends the message now; False when the node shall stop.") },
    { "discard", (PyCFunction)loan_discard, METH_NOARGS, PyDoc_STR("Gives the memory back unsent.") },
    { "__enter__", (PyCFunction)loan_enter, METH_NOARGS, NULL },
    { "__exit__", (PyCFunction)loan_exit, METH_VARARGS, PyDoc_STR("Sends the message; discards it after an exception.") },
    { NULL, NULL, 0, NULL },
};

PyTypeObject LoanType = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "dora._native.Loan",
    .tp_basicsize = sizeof(Loan),
    .tp_dealloc = (destructor)loan_dealloc,
    .tp_traverse = (traverseproc)loan_traverse,
    .tp_clear = (inquiry)loan_clear,
    .tp_as_buffer = &loan_buffer,
    .tp_as_sequence = &loan_sequence,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_HAVE_GC,
    .tp_doc = PyDoc_STR("Shared memory on loan, to build a message in."),
    .tp_methods = loan_methods,
};
