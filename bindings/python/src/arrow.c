/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dora._arrow_c: Arrow arrays of the C Data Interface in Python, in place and read-only. Knows nothing of nodes and links nothing.
 *
 * Ownership: a Root owns one (ArrowArray, ArrowSchema) pair and the object that keeps their memory mapped. Every Array, every memoryview
 * of a buffer and every exported struct holds a reference to it. Nothing here can be part of a reference cycle.
 *
 * Threads: the GIL guards everything. The release functions of exported structs may be called by any thread, without it.
 */
#define PY_SSIZE_T_CLEAN
#include <Python.h>
#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <dora/arrow.h>

typedef struct
{
    PyObject_HEAD
    struct ArrowArray array;
    struct ArrowSchema schema;
    PyObject *keeper;      /* what keeps the memory mapped, or NULL */
    uintptr_t first, end;  /* every buffer must lie in between; 0 and 0: not known */
} Root;

typedef struct
{
    PyObject_HEAD
    Root *root;
    struct ArrowArray *array;   /* in the root's tree */
    struct ArrowSchema *schema; /* in the root's tree */
    int64_t offset, length;     /* in elements; of a slice, or of the whole */
} Array;

typedef struct
{
    PyObject_HEAD
    PyObject *owner;
    const void *data;
    Py_ssize_t count, itemsize;
    char format[4];
} View;

static PyTypeObject RootType, ArrayType, ViewType;

/* ---- View: read-only memory with an owner ------------------------------------------------------------------------------------- */

static void view_dealloc(View *self)
{
    Py_DECREF(self->owner);
    Py_TYPE(self)->tp_free(self);
}

static int fill(Py_buffer *buffer, PyObject *owner, const void *data, Py_ssize_t *count, Py_ssize_t *itemsize, const char *format, int flags)
{
    if (flags & PyBUF_WRITABLE)
    {
        PyErr_SetString(PyExc_BufferError, "a received message is read-only");
        buffer->obj = NULL;
        return -1;
    }

    buffer->obj = Py_NewRef(owner);
    buffer->buf = (void *)data;
    buffer->len = *count * *itemsize;
    buffer->itemsize = *itemsize;
    buffer->readonly = 1;
    buffer->ndim = 1;
    buffer->format = flags & PyBUF_FORMAT ? (char *)format : NULL;
    buffer->shape = flags & PyBUF_ND ? count : NULL;
    buffer->strides = (flags & PyBUF_STRIDES) == PyBUF_STRIDES ? itemsize : NULL;
    buffer->suboffsets = NULL;
    buffer->internal = NULL;
    return 0;
}

static int view_getbuffer(View *self, Py_buffer *buffer, int flags)
{
    return fill(buffer, (PyObject *)self, self->data, &self->count, &self->itemsize, self->format, flags);
}

static PyBufferProcs view_buffer = { (getbufferproc)view_getbuffer, NULL };

static PyTypeObject ViewType = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "dora._arrow_c.View",
    .tp_basicsize = sizeof(View),
    .tp_dealloc = (destructor)view_dealloc,
    .tp_as_buffer = &view_buffer,
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_doc = PyDoc_STR("Read-only memory that belongs to another object."),
};

static PyObject *view_new(PyObject *owner, const void *data, Py_ssize_t count, Py_ssize_t itemsize, const char *format)
{
    static const char nothing[1];
    View *view = PyObject_New(View, &ViewType);
    if (view == NULL)
        return NULL;
    view->owner = Py_NewRef(owner);
    view->data = data == NULL ? nothing : data;
    view->count = count;
    view->itemsize = itemsize;
    strncpy(view->format, format, sizeof view->format - 1);
    view->format[sizeof view->format - 1] = 0;
    PyObject *memory = PyMemoryView_FromObject((PyObject *)view);
    Py_DECREF(view);
    return memory;
}

/* ---- Root --------------------------------------------------------------------------------------------------------------------- */

static void root_dealloc(Root *self)
{
    if (self->array.release != NULL)
        self->array.release(&self->array);
    if (self->schema.release != NULL)
        self->schema.release(&self->schema);
    Py_XDECREF(self->keeper); /* last: what it keeps mapped is used until here */
    Py_TYPE(self)->tp_free(self);
}

static PyTypeObject RootType = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "dora._arrow_c.Root",
    .tp_basicsize = sizeof(Root),
    .tp_dealloc = (destructor)root_dealloc,
    .tp_flags = Py_TPFLAGS_DEFAULT,
    .tp_doc = PyDoc_STR("Owner of an Arrow array."),
};

static Root *root_new(void)
{
    Root *root = PyObject_New(Root, &RootType);
    if (root == NULL)
        return NULL;
    memset(&root->array, 0, sizeof root->array);
    memset(&root->schema, 0, sizeof root->schema);
    root->keeper = NULL;
    root->first = root->end = 0;
    return root;
}

/* ---- Export: copies of the structs that hold a reference to the root ------------------------------------------------------------ */

static void let_go(PyObject *root)
{
    if (!Py_IsInitialized())
        return; /* the interpreter is gone, and its objects with it */
    PyGILState_STATE state = PyGILState_Ensure();
    Py_DECREF(root);
    PyGILState_Release(state);
}

static void release_children(int64_t count, struct ArrowArray **children, struct ArrowArray *dictionary)
{
    for (int64_t i = 0; i < count; i++)
    {
        if (children[i]->release != NULL)
            children[i]->release(children[i]);
        free(children[i]);
    }

    free(children);
    if (dictionary != NULL)
    {
        if (dictionary->release != NULL)
            dictionary->release(dictionary);
        free(dictionary);
    }
}

static void release_exported_array(struct ArrowArray *array)
{
    release_children(array->n_children, array->children, array->dictionary);
    array->release = NULL;
    let_go(array->private_data);
}

static int export_array(Root *root, const struct ArrowArray *from, int64_t offset, int64_t length, int64_t null_count, struct ArrowArray *to)
{
    *to = *from; /* buffers: the pointers live as long as the root */
    to->offset = offset;
    to->length = length;
    to->null_count = null_count;
    to->n_children = 0;
    to->children = NULL;
    to->dictionary = NULL;
    to->release = release_exported_array;
    to->private_data = Py_NewRef(root);
    if (from->n_children > 0)
        to->children = calloc((size_t)from->n_children, sizeof *to->children);
    for (int64_t i = 0; i < from->n_children; i++)
    {
        const struct ArrowArray *child = from->children[i];
        if (to->children == NULL || (to->children[i] = malloc(sizeof **to->children)) == NULL)
            goto failed;
        to->n_children++;
        if (export_array(root, child, child->offset, child->length, child->null_count, to->children[i]) < 0)
            goto failed;
    }

    if (from->dictionary != NULL)
    {
        const struct ArrowArray *values = from->dictionary;
        if ((to->dictionary = malloc(sizeof *to->dictionary)) == NULL)
            goto failed;
        if (export_array(root, values, values->offset, values->length, values->null_count, to->dictionary) < 0)
            goto failed;
    }

    return 0;
failed:
    to->release(to);
    PyErr_NoMemory();
    return -1;
}

typedef struct
{
    PyObject *root;
    char *name; /* our own, or NULL */
} ExportedSchema;

static void release_exported_schema(struct ArrowSchema *schema)
{
    for (int64_t i = 0; i < schema->n_children; i++)
    {
        if (schema->children[i]->release != NULL)
            schema->children[i]->release(schema->children[i]);
        free(schema->children[i]);
    }

    free(schema->children);
    if (schema->dictionary != NULL)
    {
        if (schema->dictionary->release != NULL)
            schema->dictionary->release(schema->dictionary);
        free(schema->dictionary);
    }

    ExportedSchema *own = schema->private_data;
    schema->release = NULL;
    let_go(own->root);
    free(own->name);
    free(own);
}

static int export_schema(Root *root, const struct ArrowSchema *from, const char *name, struct ArrowSchema *to)
{
    ExportedSchema *own = calloc(1, sizeof *own);
    if (own == NULL || (name != NULL && (own->name = strdup(name)) == NULL))
    {
        free(own);
        to->release = NULL;
        PyErr_NoMemory();
        return -1;
    }

    *to = *from;
    if (name != NULL)
        to->name = own->name;
    own->root = Py_NewRef(root);
    to->private_data = own;
    to->release = release_exported_schema;
    to->n_children = 0;
    to->children = NULL;
    to->dictionary = NULL;
    if (from->n_children > 0)
        to->children = calloc((size_t)from->n_children, sizeof *to->children);
    for (int64_t i = 0; i < from->n_children; i++)
    {
        if (to->children == NULL || (to->children[i] = malloc(sizeof **to->children)) == NULL)
            goto failed;
        to->n_children++;
        if (export_schema(root, from->children[i], NULL, to->children[i]) < 0)
            goto failed;
    }

    if (from->dictionary != NULL)
    {
        if ((to->dictionary = malloc(sizeof *to->dictionary)) == NULL || export_schema(root, from->dictionary, NULL, to->dictionary) < 0)
            goto failed;
    }

    return 0;
failed:
    to->release(to);
    PyErr_NoMemory();
    return -1;
}

static void free_array_capsule(PyObject *capsule)
{
    struct ArrowArray *array = PyCapsule_GetPointer(capsule, "arrow_array");
    if (array == NULL)
        return;
    if (array->release != NULL)
        array->release(array);
    free(array);
}

static void free_schema_capsule(PyObject *capsule)
{
    struct ArrowSchema *schema = PyCapsule_GetPointer(capsule, "arrow_schema");
    if (schema == NULL)
        return;
    if (schema->release != NULL)
        schema->release(schema);
    free(schema);
}

/* ---- Array: reading ----------------------------------------------------------------------------------------------------------- */

static void array_dealloc(Array *self)
{
    Py_XDECREF(self->root);
    Py_TYPE(self)->tp_free(self);
}

static Array *array_of(PyTypeObject *type, Root *root, struct ArrowArray *array, struct ArrowSchema *schema, int64_t offset, int64_t length)
{
    Array *self = (Array *)type->tp_alloc(type, 0);
    if (self == NULL)
        return NULL;
    self->root = (Root *)Py_NewRef(root);
    self->array = array;
    self->schema = schema;
    self->offset = offset;
    self->length = length;
    return self;
}

static PyObject *array_new(PyTypeObject *type, PyObject *args, PyObject *keywords)
{
    static char *names[] = { "schema_capsule", "array_capsule", "keeper", "bounds", NULL };
    PyObject *schema_capsule, *array_capsule, *keeper = NULL, *bounds = NULL;
    if (!PyArg_ParseTupleAndKeywords(args, keywords, "OO|OO", names, &schema_capsule, &array_capsule, &keeper, &bounds))
        return NULL;
    struct ArrowSchema *schema = PyCapsule_GetPointer(schema_capsule, "arrow_schema");
    if (schema == NULL)
        return NULL;
    struct ArrowArray *array = PyCapsule_GetPointer(array_capsule, "arrow_array");
    if (array == NULL)
        return NULL;
    if (schema->release == NULL || array->release == NULL)
    {
        PyErr_SetString(PyExc_ValueError, "the Arrow array was taken over or released before");
        return NULL;
    }

    unsigned long long first = 0, length = 0;
    if (bounds != NULL && bounds != Py_None && !PyArg_ParseTuple(bounds, "KK", &first, &length))
        return NULL;
    Root *root = root_new();
    if (root == NULL)
        return NULL;
    root->array = *array; /* the structs move; the capsules keep empty ones */
    root->schema = *schema;
    array->release = NULL;
    schema->release = NULL;
    root->keeper = keeper == NULL || keeper == Py_None ? NULL : Py_NewRef(keeper);
    root->first = (uintptr_t)first;
    root->end = (uintptr_t)(first + length);
    Array *self = array_of(type, root, &root->array, &root->schema, root->array.offset, root->array.length);
    Py_DECREF(root);
    return (PyObject *)self;
}

static int in_bounds(Root *root, const void *data, Py_ssize_t bytes)
{
    uintptr_t at = (uintptr_t)data;
    if (root->end == 0 || bytes == 0 || (at >= root->first && at <= root->end && (uintptr_t)bytes <= root->end - at))
        return 1;
    PyErr_SetString(PyExc_ValueError, "the array's offsets point outside of its message");
    return 0;
}

static int64_t count_nulls(Array *self)
{
    const struct ArrowArray *array = self->array;
    if (strcmp(self->schema->format, "n") == 0)
        return self->length;
    if (array->null_count == 0 || array->n_buffers == 0 || array->buffers[0] == NULL)
        return 0;
    if (array->null_count > 0 && self->offset == array->offset && self->length == array->length)
        return array->null_count;
    const uint8_t *valid = array->buffers[0];
    int64_t nulls = 0;
    for (int64_t i = self->offset; i < self->offset + self->length; i++)
        nulls += !(valid[i >> 3] >> (i & 7) & 1);
    return nulls;
}

/* Item size and struct-module format of a type with one value in each place; 0: none. */
static Py_ssize_t primitive(const char *arrow, const char **format)
{
    static const struct { char arrow; const char *format; Py_ssize_t size; } types[] = {
        { 'c', "b", 1 }, { 'C', "B", 1 }, { 's', "h", 2 }, { 'S', "H", 2 }, { 'i', "i", 4 }, { 'I', "I", 4 }, { 'l', "q", 8 }, { 'L', "Q", 8 },
        { 'e', "e", 2 }, { 'f', "f", 4 }, { 'g', "d", 8 },
    };
    if (arrow[0] == 't') /* dates, times, time stamps and durations are integers */
    {
        int small = strcmp(arrow, "tdD") == 0 || strcmp(arrow, "tts") == 0 || strcmp(arrow, "ttm") == 0;
        *format = small ? "i" : "q";
        return arrow[1] == 'i' ? 0 : small ? 4 : 8;
    }

    for (size_t i = 0; i < sizeof types / sizeof *types && arrow[1] == 0; i++)
    {
        if (types[i].arrow == arrow[0])
        {
            *format = types[i].format;
            return types[i].size;
        }
    }

    return 0;
}

static const Py_ssize_t Sizes[] = { 0, 1, 2, 3, 4, 5, 6, 7, 8 };

static int array_getbuffer(Array *self, Py_buffer *buffer, int flags)
{
    const char *format = NULL;
    Py_ssize_t size = self->schema->dictionary != NULL ? 0 : primitive(self->schema->format, &format);
    buffer->obj = NULL;
    if (size == 0 || self->array->n_buffers < 2)
    {
        PyErr_Format(PyExc_BufferError, "an Arrow array of type '%s' is no simple row of values", self->schema->format);
        return -1;
    }

    if (count_nulls(self) > 0)
    {
        PyErr_SetString(PyExc_BufferError, "the Arrow array has nulls; see to_numpy() and to_pylist()");
        return -1;
    }

    const char *data = self->array->buffers[1];
    Py_ssize_t count = (Py_ssize_t)self->length;
    if (data != NULL)
        data += self->offset * size;
    if (!in_bounds(self->root, data, count * size))
        return -1;
    static const char nothing[8];
    return fill(buffer, (PyObject *)self, data == NULL ? nothing : data, (Py_ssize_t *)&self->length, (Py_ssize_t *)&Sizes[size], format, flags);
}

static PyObject *array_view(Array *self, PyObject *args)
{
    int index;
    const char *format;
    Py_ssize_t itemsize, first, count;
    if (!PyArg_ParseTuple(args, "isnnn", &index, &format, &itemsize, &first, &count))
        return NULL;
    if (index < 0 || index >= self->array->n_buffers)
    {
        PyErr_Format(PyExc_IndexError, "an Arrow array of type '%s' has no buffer %d", self->schema->format, index);
        return NULL;
    }

    if (itemsize <= 0 || first < 0 || count < 0 || first > PY_SSIZE_T_MAX / itemsize || count > PY_SSIZE_T_MAX / itemsize)
    {
        PyErr_SetString(PyExc_ValueError, "the array's offsets are wrong");
        return NULL;
    }

    const char *data = self->array->buffers[index];
    if (data == NULL && count > 0)
        Py_RETURN_NONE;
    if (data != NULL)
        data += first * itemsize;
    return in_bounds(self->root, data, count * itemsize) ? view_new((PyObject *)self->root, data, count, itemsize, format) : NULL;
}

static int check_range(const struct ArrowArray *array, int64_t offset, int64_t length)
{
    if (offset >= array->offset && length >= 0 && offset - array->offset <= array->length && length <= array->length - (offset - array->offset))
        return 1;
    PyErr_SetString(PyExc_ValueError, "the array's offsets are wrong");
    return 0;
}

static PyObject *array_child(Array *self, PyObject *args)
{
    long long index, first, count;
    if (!PyArg_ParseTuple(args, "LLL", &index, &first, &count))
        return NULL;
    if (index < 0 || index >= self->array->n_children || index >= self->schema->n_children)
    {
        PyErr_SetString(PyExc_IndexError, "no such child");
        return NULL;
    }

    struct ArrowArray *child = self->array->children[index];
    if (first > INT64_MAX - child->offset || !check_range(child, child->offset + first, count))
        return PyErr_Occurred() ? NULL : PyErr_Format(PyExc_ValueError, "the array's offsets are wrong");
    return (PyObject *)array_of(Py_TYPE(self), self->root, child, self->schema->children[index], child->offset + first, count);
}

static PyObject *array_dictionary(Array *self, PyObject *unused)
{
    (void)unused;
    struct ArrowArray *values = self->array->dictionary;
    if (values == NULL || self->schema->dictionary == NULL)
        Py_RETURN_NONE;
    return (PyObject *)array_of(Py_TYPE(self), self->root, values, self->schema->dictionary, values->offset, values->length);
}

static PyObject *array_slice(Array *self, PyObject *args)
{
    long long first, count;
    if (!PyArg_ParseTuple(args, "LL", &first, &count))
        return NULL;
    if (first < 0 || count < 0 || first > self->length || count > self->length - first)
    {
        PyErr_SetString(PyExc_IndexError, "the slice lies outside of the array");
        return NULL;
    }

    return (PyObject *)array_of(Py_TYPE(self), self->root, self->array, self->schema, self->offset + first, count);
}

static PyObject *schema_capsule(Array *self)
{
    struct ArrowSchema *schema = malloc(sizeof *schema);
    if (schema == NULL)
        return PyErr_NoMemory();
    if (export_schema(self->root, self->schema, NULL, schema) < 0)
    {
        free(schema);
        return NULL;
    }

    PyObject *capsule = PyCapsule_New(schema, "arrow_schema", free_schema_capsule);
    if (capsule == NULL)
    {
        schema->release(schema);
        free(schema);
    }

    return capsule;
}

static PyObject *array_c_schema(Array *self, PyObject *unused)
{
    (void)unused;
    return schema_capsule(self);
}

static PyObject *array_c_array(Array *self, PyObject *args, PyObject *keywords)
{
    static char *names[] = { "requested_schema", NULL };
    PyObject *requested = NULL; /* a wish that may be ignored, as the protocol has it */
    if (!PyArg_ParseTupleAndKeywords(args, keywords, "|O", names, &requested))
        return NULL;
    PyObject *schema = schema_capsule(self);
    if (schema == NULL)
        return NULL;
    struct ArrowArray *array = malloc(sizeof *array);
    if (array == NULL || export_array(self->root, self->array, self->offset, self->length, count_nulls(self), array) < 0)
    {
        free(array);
        Py_DECREF(schema);
        return PyErr_Occurred() ? NULL : PyErr_NoMemory();
    }

    PyObject *capsule = PyCapsule_New(array, "arrow_array", free_array_capsule);
    if (capsule == NULL)
    {
        array->release(array);
        free(array);
        Py_DECREF(schema);
        return NULL;
    }

    return Py_BuildValue("NN", schema, capsule);
}

/* ---- Array: building ---------------------------------------------------------------------------------------------------------- */

enum { BuffersMax = 3 };

typedef struct
{
    Py_buffer held[BuffersMax];
    const void *buffers[BuffersMax];
} Built;

static void release_built_array(struct ArrowArray *array) /* with the GIL: only roots release it, what goes out is a copy */
{
    Built *built = array->private_data;
    release_children(array->n_children, array->children, array->dictionary);
    for (int i = 0; i < BuffersMax; i++)
    {
        if (built->held[i].obj != NULL)
            PyBuffer_Release(&built->held[i]);
    }

    free(built);
    array->release = NULL;
}

static void release_built_schema(struct ArrowSchema *schema)
{
    for (int64_t i = 0; i < schema->n_children; i++)
    {
        if (schema->children[i]->release != NULL)
            schema->children[i]->release(schema->children[i]);
        free(schema->children[i]);
    }

    free(schema->children);
    if (schema->dictionary != NULL)
    {
        if (schema->dictionary->release != NULL)
            schema->dictionary->release(schema->dictionary);
        free(schema->dictionary);
    }

    free(schema->private_data); /* the format */
    schema->release = NULL;
}

static int add_child(Root *root, int64_t index, PyObject *object, const char *name)
{
    if (!PyObject_TypeCheck(object, &ArrayType))
    {
        PyErr_SetString(PyExc_TypeError, "children of an Arrow array are Arrow arrays");
        return -1;
    }

    Array *child = (Array *)object;
    struct ArrowArray *array = malloc(sizeof *array);
    struct ArrowSchema *schema = malloc(sizeof *schema);
    if (array == NULL || schema == NULL)
    {
        free(array);
        free(schema);
        PyErr_NoMemory();
        return -1;
    }

    if (export_array(child->root, child->array, child->offset, child->length, count_nulls(child), array) < 0)
    {
        free(array);
        free(schema);
        return -1;
    }

    if (export_schema(child->root, child->schema, name, schema) < 0)
    {
        array->release(array);
        free(array);
        free(schema);
        return -1;
    }

    if (index < 0)
    {
        root->array.dictionary = array;
        root->schema.dictionary = schema;
        return 0;
    }

    root->array.children[index] = array;
    root->schema.children[index] = schema;
    root->array.n_children = root->schema.n_children = index + 1;
    return 0;
}

/* _build(format, length, null_count, buffers, children=(), names=(), dictionary=None) */
static PyObject *array_build(PyTypeObject *type, PyObject *args)
{
    const char *format;
    long long length, nulls;
    PyObject *buffers, *children = NULL, *names = NULL, *dictionary = NULL;
    if (!PyArg_ParseTuple(args, "sLLO!|O!O!O", &format, &length, &nulls, &PyTuple_Type, &buffers, &PyTuple_Type, &children, &PyTuple_Type, &names, &dictionary))
        return NULL;
    Py_ssize_t buffer_count = PyTuple_GET_SIZE(buffers), child_count = children == NULL ? 0 : PyTuple_GET_SIZE(children);
    if (buffer_count > BuffersMax || (names == NULL ? 0 : PyTuple_GET_SIZE(names)) != child_count)
    {
        PyErr_SetString(PyExc_ValueError, "an Arrow array has three buffers at most, and a name for each child");
        return NULL;
    }

    Root *root = root_new();
    Built *built = calloc(1, sizeof *built);
    char *own_format = strdup(format);
    if (root == NULL || built == NULL || own_format == NULL)
    {
        Py_XDECREF(root);
        free(built);
        free(own_format);
        return PyErr_NoMemory();
    }

    root->array = (struct ArrowArray){
        .length = length, .null_count = nulls, .n_buffers = buffer_count, .buffers = built->buffers, .release = release_built_array, .private_data = built,
    };
    root->schema = (struct ArrowSchema){
        .format = own_format, .name = "", .flags = ARROW_FLAG_NULLABLE, .release = release_built_schema, .private_data = own_format,
    };
    for (Py_ssize_t i = 0; i < buffer_count; i++)
    {
        PyObject *object = PyTuple_GET_ITEM(buffers, i);
        if (object == Py_None)
            continue;
        if (PyObject_GetBuffer(object, &built->held[i], PyBUF_SIMPLE) < 0)
        {
            built->held[i].obj = NULL;
            goto failed;
        }

        built->buffers[i] = built->held[i].buf;
    }

    if (child_count > 0)
    {
        root->array.children = calloc((size_t)child_count, sizeof *root->array.children);
        root->schema.children = calloc((size_t)child_count, sizeof *root->schema.children);
        if (root->array.children == NULL || root->schema.children == NULL)
        {
            PyErr_NoMemory();
            goto failed;
        }
    }

    for (Py_ssize_t i = 0; i < child_count; i++)
    {
        const char *name = PyUnicode_AsUTF8(PyTuple_GET_ITEM(names, i));
        if (name == NULL || add_child(root, i, PyTuple_GET_ITEM(children, i), name) < 0)
            goto failed;
    }

    if (dictionary != NULL && dictionary != Py_None && add_child(root, -1, dictionary, "") < 0)
        goto failed;
    Array *self = array_of(type, root, &root->array, &root->schema, 0, length);
    Py_DECREF(root);
    return (PyObject *)self;
failed:
    Py_DECREF(root);
    return NULL;
}

/* ---- Array: the type ---------------------------------------------------------------------------------------------------------- */

static Py_ssize_t array_length(Array *self) { return (Py_ssize_t)self->length; }

static PyObject *text(const char *utf8) { return PyUnicode_DecodeUTF8(utf8 == NULL ? "" : utf8, utf8 == NULL ? 0 : (Py_ssize_t)strlen(utf8), "replace"); }

static PyObject *get_format(Array *self, void *unused) { (void)unused; return text(self->schema->format); }

static PyObject *get_name(Array *self, void *unused) { (void)unused; return text(self->schema->name); }

static PyObject *get_nulls(Array *self, void *unused) { (void)unused; return PyLong_FromLongLong(count_nulls(self)); }

static PyObject *get_offset(Array *self, void *unused) { (void)unused; return PyLong_FromLongLong(self->offset); }

static PyObject *get_children(Array *self, void *unused) { (void)unused; return PyLong_FromLongLong(self->array->n_children); }

static PyObject *get_child_length(Array *self, void *unused)
{
    (void)unused;
    return PyLong_FromLongLong(self->array->n_children > 0 ? self->array->children[0]->length : 0);
}

static PyObject *get_address(Array *self, void *unused)
{
    (void)unused;
    return PyLong_FromVoidPtr(self->array->n_buffers > 1 ? (void *)self->array->buffers[1] : NULL);
}

static PyGetSetDef array_properties[] = {
    { "format", (getter)get_format, NULL, PyDoc_STR("The type, as a format string of the Arrow C Data Interface."), NULL },
    { "name", (getter)get_name, NULL, PyDoc_STR("Name of the field; empty for most arrays that are none."), NULL },
    { "null_count", (getter)get_nulls, NULL, PyDoc_STR("Number of nulls."), NULL },
    { "_offset", (getter)get_offset, NULL, NULL, NULL },
    { "_children", (getter)get_children, NULL, NULL, NULL },
    { "_child_length", (getter)get_child_length, NULL, NULL, NULL },
    { "_address", (getter)get_address, NULL, PyDoc_STR("Address of the values' buffer."), NULL },
    { NULL, NULL, NULL, NULL, NULL },
};

static PyMethodDef array_methods[] = {
    { "__arrow_c_schema__", (PyCFunction)array_c_schema, METH_NOARGS, PyDoc_STR("The type, as a capsule of the Arrow PyCapsule interface.") },
    { "__arrow_c_array__", (PyCFunction)(void (*)(void))array_c_array, METH_VARARGS | METH_KEYWORDS,
      PyDoc_STR("Type and data, as capsules of the Arrow PyCapsule interface; nothing is copied.") },
    { "_build", (PyCFunction)array_build, METH_VARARGS | METH_CLASS, NULL },
    { "_view", (PyCFunction)array_view, METH_VARARGS, NULL },
    { "_child", (PyCFunction)array_child, METH_VARARGS, NULL },
    { "_dictionary", (PyCFunction)array_dictionary, METH_NOARGS, NULL },
    { "_slice", (PyCFunction)array_slice, METH_VARARGS, NULL },
    { NULL, NULL, 0, NULL },
};

static PyBufferProcs array_buffer = { (getbufferproc)array_getbuffer, NULL };

static PySequenceMethods array_sequence = { .sq_length = (lenfunc)array_length };

static PyTypeObject ArrayType = {
    PyVarObject_HEAD_INIT(NULL, 0)
    .tp_name = "dora._arrow_c.Array",
    .tp_basicsize = sizeof(Array),
    .tp_dealloc = (destructor)array_dealloc,
    .tp_as_buffer = &array_buffer,
    .tp_as_sequence = &array_sequence,
    .tp_flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE,
    .tp_doc = PyDoc_STR("An Arrow array, read in place."),
    .tp_methods = array_methods,
    .tp_getset = array_properties,
    .tp_new = array_new,
};

static struct PyModuleDef module = {
    PyModuleDef_HEAD_INIT,
    .m_name = "dora._arrow_c",
    .m_doc = PyDoc_STR("Arrow arrays of the C Data Interface."),
    .m_size = -1,
};

PyMODINIT_FUNC PyInit__arrow_c(void)
{
    if (PyType_Ready(&RootType) < 0 || PyType_Ready(&ViewType) < 0 || PyType_Ready(&ArrayType) < 0)
        return NULL;
    PyObject *self = PyModule_Create(&module);
    if (self == NULL || PyModule_AddObjectRef(self, "Array", (PyObject *)&ArrayType) < 0)
    {
        Py_XDECREF(self);
        return NULL;
    }

    return self;
}
