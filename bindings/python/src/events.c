/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Events as dictionaries. A Message owns an input's libdora event; memoryviews of it keep it, and it keeps the node: the shared memory
 * stays mapped, and the sender does not get the slot back, while any view lives.
 */
#include "native.h"
#include <stdlib.h>

typedef struct
{
    PyObject_HEAD
    Node *node;
    dora_event_t *event;
    const uint8_t *data;
    Py_ssize_t length;
} Message;

static PyObject *key_kind, *key_type, *key_id, *key_value, *key_data, *key_metadata, *key_timestamp;
static PyObject *kind_dora, *type_input, *name_build, *name_cast, *text_bytes, *text_B, *number_zero;
static PyObject *make_other; /* dora._events.other */

static void message_dealloc(Message *self)
{
    if (self->event != NULL && !Forked)
        dora_event_free(self->event);
    Py_DECREF(self->node);
    Py_TYPE(self)->tp_free(self);
}

static int message_getbuffer(Message *self, Py_buffer *buffer, int flags)
{
    static const char nothing[1];
    if (Forked)
    {
        buffer->obj = NULL;
        return check_node(self->node);
    }

    return PyBuffer_FillInfo(buffer, (PyObject *)self, self->length == 0 ? (void *)nothing : (void *)self->data, self->length, 1, flags);
}

static PyBufferProcs message_buffer = { (getbufferproc)message_getbuffer, NULL };

PyTypeObject MessageType = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "dora._native.Message",
    .tp_basicsize = sizeof(Message),
    .tp_dealloc = (destructor)message_dealloc,
    .tp_as_buffer = &message_buffer,
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_doc = PyDoc_STR("A received message in shared memory, read-only."),
};

static void free_array_capsule(PyObject *capsule)
{
    struct ArrowArray *array = PyCapsule_GetPointer(capsule, "arrow_array");
    if (array->release != NULL)
        array->release(array);
    free(array);
}

static void free_schema_capsule(PyObject *capsule)
{
    struct ArrowSchema *schema = PyCapsule_GetPointer(capsule, "arrow_schema");
    if (schema->release != NULL)
        schema->release(schema);
    free(schema);
}

/* A typed array: make_array(schema capsule, array capsule, node, (address, length)). */
static PyObject *typed_value(Message *message)
{
    struct ArrowArray *array = calloc(1, sizeof *array);
    struct ArrowSchema *schema = calloc(1, sizeof *schema);
    PyObject *array_capsule = array == NULL ? NULL : PyCapsule_New(array, "arrow_array", free_array_capsule);
    PyObject *schema_capsule = schema == NULL ? NULL : PyCapsule_New(schema, "arrow_schema", free_schema_capsule);
    PyObject *value = NULL;
    if (array_capsule == NULL || schema_capsule == NULL)
    {
        if (array_capsule == NULL)
            free(array);
        if (schema_capsule == NULL)
            free(schema);
        PyErr_NoMemory();
    }
    else
    {
        dora_status status = dora_event_arrow(message->event, array, schema);
        if (status != DORA_OK)
            raise_status(status);
        else
            value = PyObject_CallFunction(message->node->make_array, "OOO(KK)", schema_capsule, array_capsule, message->node,
                (unsigned long long)(uintptr_t)message->data, (unsigned long long)message->length);
    }

    Py_XDECREF(array_capsule);
    Py_XDECREF(schema_capsule);
    return value;
}

/* Plain bytes as a uint8 array: make_array._build("C", length, 0, (None, message)). */
static PyObject *bytes_value(Message *message)
{
    PyObject *length = PyLong_FromSsize_t(message->length);
    PyObject *buffers = PyTuple_Pack(2, Py_None, (PyObject *)message);
    PyObject *value = length == NULL || buffers == NULL
        ? NULL
        : PyObject_CallMethodObjArgs(message->node->make_array, name_build, text_bytes, length, number_zero, buffers, NULL);
    Py_XDECREF(length);
    Py_XDECREF(buffers);
    return value;
}

static PyObject *input_id(Node *node, dora_event_t *event)
{
    const char *data;
    size_t length;
    dora_status status = dora_event_id(event, &data, &length);
    if (status != DORA_OK)
        return raise_status(status);
    for (int i = 0; i < node->known_count; i++)
    {
        if (node->known[i].data == data)
            return Py_NewRef(node->known[i].text);
    }

    PyObject *text = PyUnicode_DecodeUTF8(data, (Py_ssize_t)length, "strict");
    if (text != NULL && node->known_count < KnownIdsMax)
    {
        node->known[node->known_count].data = data;
        node->known[node->known_count].text = Py_NewRef(text);
        node->known_count++;
    }

    return text;
}

static PyObject *input_metadata(dora_event_t *event)
{
    uint64_t sent;
    dora_status status = dora_event_timestamp(event, &sent);
    if (status != DORA_OK)
        return raise_status(status);
    PyObject *metadata = PyDict_New(), *time = time_from_ns(sent);
    int has_parameters = dora_event_has_metadata(event);
    if (metadata == NULL || time == NULL || (has_parameters > 0 && metadata_into(event, metadata) < 0)
        || PyDict_SetItem(metadata, key_timestamp, time) < 0)
        Py_CLEAR(metadata);
    Py_XDECREF(time);
    return metadata;
}

static int put(PyObject *dictionary, PyObject *key, PyObject *value)
{
    int result = value == NULL ? -1 : PyDict_SetItem(dictionary, key, value);
    Py_XDECREF(value);
    return result;
}

static PyObject *input_dictionary(Node *node, dora_event_t *event)
{
    Message *message = PyObject_New(Message, &MessageType);
    if (message == NULL)
    {
        dora_event_free(event);
        return NULL;
    }

    size_t length = 0;
    message->node = (Node *)Py_NewRef(node);
    message->event = event;
    message->data = NULL;
    dora_status status = dora_event_data(event, &message->data, &length);
    message->length = (Py_ssize_t)length;
    int is_arrow = dora_event_is_arrow(event);
    PyObject *result = NULL, *value = NULL, *data = NULL;
    if (status != DORA_OK || is_arrow < 0)
    {
        raise_status(status != DORA_OK ? status : (dora_status)is_arrow);
        goto done;
    }

    value = is_arrow ? typed_value(message) : bytes_value(message);
    if (value == NULL)
        goto done;
    if (is_arrow && (data = PyMemoryView_FromObject(value)) != NULL) /* a simple row of values: exactly these */
        Py_SETREF(data, PyObject_CallMethodOneArg(data, name_cast, text_B));
    if (data == NULL)
    {
        PyErr_Clear();
        data = PyMemoryView_FromObject((PyObject *)message);
    }

    if (data == NULL)
        goto done;
    if (node->make_value != NULL)
    {
        Py_SETREF(value, PyObject_CallOneArg(node->make_value, value));
        if (value == NULL)
            goto done;
    }

    result = PyDict_New();
    if (result == NULL || PyDict_SetItem(result, key_kind, kind_dora) < 0 || PyDict_SetItem(result, key_type, type_input) < 0
        || put(result, key_id, input_id(node, event)) < 0 || PyDict_SetItem(result, key_value, value) < 0
        || PyDict_SetItem(result, key_data, data) < 0 || put(result, key_metadata, input_metadata(event)) < 0)
        Py_CLEAR(result);
done:
    Py_XDECREF(value);
    Py_XDECREF(data);
    Py_DECREF(message);
    return result;
}

/* Every other event: dora._events.other(number, id, message, affected inputs). */
static PyObject *other_dictionary(dora_event_t *event, int type)
{
    const char *id = "", *message = "", *input;
    size_t id_length = 0, message_length = 0, input_length;
    dora_event_id(event, &id, &id_length);
    dora_event_message(event, &message, &message_length);
    PyObject *result = NULL, *affected = PyList_New(0);
    for (size_t i = 0; affected != NULL && dora_event_affected_input(event, i, &input, &input_length) == DORA_OK; i++)
    {
        PyObject *name = PyUnicode_DecodeUTF8(input, (Py_ssize_t)input_length, "replace");
        if (name == NULL || PyList_Append(affected, name) < 0)
            Py_CLEAR(affected);
        Py_XDECREF(name);
    }

    if (affected != NULL)
        result = PyObject_CallFunction(make_other, "is#s#O", type, id, (Py_ssize_t)id_length, message, (Py_ssize_t)message_length, affected);
    Py_XDECREF(affected);
    dora_event_free(event);
    return result;
}

/* A set: as other events, and `inputs`, a list of the messages as INPUT events. */
static PyObject *joined_dictionary(Node *node, dora_event_t *event)
{
    dora_event_t *input;
    PyObject *result = NULL, *inputs = PyList_New(0);
    for (size_t i = 0; inputs != NULL && dora_event_joined(event, i, &input) == DORA_OK; i++)
    {
        PyObject *member = input_dictionary(node, input);
        if (member == NULL || PyList_Append(inputs, member) < 0)
            Py_CLEAR(inputs);
        Py_XDECREF(member);
    }

    if (inputs == NULL)
    {
        dora_event_free(event);
        return NULL;
    }

    result = other_dictionary(event, DORA_EVENT_JOINED);
    if (result != NULL && PyDict_SetItemString(result, "inputs", inputs) < 0)
        Py_CLEAR(result);
    Py_DECREF(inputs);
    return result;
}

PyObject *event_dictionary(Node *node, dora_event_t *event)
{
    int type = dora_event_type(event);
    if (type == DORA_EVENT_JOINED)
        return joined_dictionary(node, event);
    return type == DORA_EVENT_INPUT ? input_dictionary(node, event) : other_dictionary(event, type);
}

int events_ready(void)
{
    PyObject *events = PyImport_ImportModule("dora._events");
    if (events == NULL)
        return -1;
    make_other = PyObject_GetAttrString(events, "other");
    Py_DECREF(events);
    struct { PyObject **place; const char *text; } texts[] = {
        { &key_kind, "kind" }, { &key_type, "type" }, { &key_id, "id" }, { &key_value, "value" }, { &key_data, "data" },
        { &key_metadata, "metadata" }, { &key_timestamp, "timestamp" }, { &kind_dora, "dora" }, { &type_input, "INPUT" },
        { &name_build, "_build" }, { &name_cast, "cast" }, { &text_bytes, "C" }, { &text_B, "B" },
    };
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
    {
        if ((*texts[i].place = PyUnicode_InternFromString(texts[i].text)) == NULL)
            return -1;
    }

    number_zero = PyLong_FromLong(0);
    return make_other == NULL || number_zero == NULL ? -1 : 0;
}
