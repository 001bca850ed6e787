/* SPDX-License-Identifier: Apache-2.0 */
/* Metadata between dictionaries and libdora. Values of unusual types go through dora._metadata.simplify. */
#include "native.h"
#include <datetime.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static PyObject *simplify;
static PyObject *key_timestamp;

/* ---- Out ---------------------------------------------------------------------------------------------------------------------- */

typedef struct
{
    dora_metadata_t *handle;
    const char *key;
    size_t key_length;
} Place;

static int add_list(Place *place, PyObject *items) /* a tuple, whose items are all of one kind */
{
    Py_ssize_t count = PyTuple_GET_SIZE(items);
    PyObject *first = count == 0 ? NULL : PyTuple_GET_ITEM(items, 0);
    void *values = malloc((size_t)(count + 1) * sizeof(int64_t));
    size_t *lengths = malloc((size_t)(count + 1) * sizeof *lengths);
    dora_status status = DORA_OK;
    if (values == NULL || lengths == NULL)
        PyErr_NoMemory();
    else if (first == NULL || PyUnicode_Check(first))
    {
        for (Py_ssize_t i = 0; i < count && !PyErr_Occurred(); i++)
        {
            Py_ssize_t length = 0;
            ((const char **)values)[i] = PyUnicode_AsUTF8AndSize(PyTuple_GET_ITEM(items, i), &length);
            lengths[i] = (size_t)length;
        }

        if (!PyErr_Occurred())
            status = dora_metadata_set_strings(place->handle, place->key, place->key_length, values, lengths, (size_t)count);
    }
    else if (PyFloat_Check(first))
    {
        for (Py_ssize_t i = 0; i < count && !PyErr_Occurred(); i++)
            ((double *)values)[i] = PyFloat_AsDouble(PyTuple_GET_ITEM(items, i));
        if (!PyErr_Occurred())
            status = dora_metadata_set_floats(place->handle, place->key, place->key_length, values, (size_t)count);
    }
    else
    {
        for (Py_ssize_t i = 0; i < count && !PyErr_Occurred(); i++)
            ((int64_t *)values)[i] = PyLong_AsLongLong(PyTuple_GET_ITEM(items, i));
        if (!PyErr_Occurred())
            status = dora_metadata_set_integers(place->handle, place->key, place->key_length, values, (size_t)count);
    }

    free(values);
    free(lengths);
    if (!PyErr_Occurred() && status != DORA_OK)
        raise_status(status);
    return PyErr_Occurred() ? -1 : 0;
}

static int add(Place *place, PyObject *value, int is_simple)
{
    dora_metadata_t *handle = place->handle;
    dora_status status = DORA_OK;
    if (PyBool_Check(value))
        status = dora_metadata_set_bool(handle, place->key, place->key_length, value == Py_True);
    else if (PyLong_CheckExact(value))
    {
        int overflow;
        long long number = PyLong_AsLongLongAndOverflow(value, &overflow);
        if (overflow != 0)
            goto unusual;
        status = dora_metadata_set_integer(handle, place->key, place->key_length, number);
    }
    else if (PyFloat_CheckExact(value))
        status = dora_metadata_set_float(handle, place->key, place->key_length, PyFloat_AS_DOUBLE(value));
    else if (PyUnicode_CheckExact(value))
    {
        Py_ssize_t length;
        const char *text = PyUnicode_AsUTF8AndSize(value, &length);
        if (text == NULL)
            return -1;
        status = dora_metadata_set_string(handle, place->key, place->key_length, text, (size_t)length);
    }
    else if (is_simple && PyTuple_CheckExact(value))
        return add_list(place, value);
    else if (PyDateTime_Check(value))
    {
        PyObject *seconds = PyObject_CallMethod(value, "timestamp", NULL); /* a naive one is local time */
        double number = seconds == NULL ? -1 : PyFloat_AsDouble(seconds);
        Py_XDECREF(seconds);
        if (PyErr_Occurred())
            return -1;
        if (number < 0)
        {
            PyErr_SetString(PyExc_ValueError, "metadata carries no time before 1970");
            return -1;
        }

        /* A double has a quarter of a microsecond left at today's date: rounding finds the microsecond that was meant. */
        status = dora_metadata_set_timestamp(handle, place->key, place->key_length, (uint64_t)llround(number * 1e6) * 1000);
    }
    else
        goto unusual;
    if (status != DORA_OK)
        raise_status(status);
    return status == DORA_OK ? 0 : -1;
unusual:
    if (is_simple)
    {
        PyErr_Format(PyExc_TypeError, "metadata cannot hold a %s", Py_TYPE(value)->tp_name);
        return -1;
    }

    PyObject *simple = PyObject_CallFunction(simplify, "s#O", place->key, (Py_ssize_t)place->key_length, value);
    int result = simple == NULL ? -1 : add(place, simple, 1);
    Py_XDECREF(simple);
    return result;
}

int metadata_from(PyObject *dictionary, dora_metadata_t **metadata)
{
    *metadata = NULL;
    if (dictionary == Py_None || (PyDict_Check(dictionary) && PyDict_GET_SIZE(dictionary) == 0))
        return 0;
    if (!PyDict_Check(dictionary))
    {
        PyErr_Format(PyExc_TypeError, "metadata is a dictionary, not a %s", Py_TYPE(dictionary)->tp_name);
        return -1;
    }

    PyObject *copy = PyDict_Copy(dictionary), *key, *value; /* simplify may run code that changes it */
    Py_ssize_t position = 0;
    Place place = { NULL, NULL, 0 };
    if (copy == NULL)
        return -1;
    while (PyDict_Next(copy, &position, &key, &value))
    {
        Py_ssize_t length;
        if (!PyUnicode_Check(key))
        {
            PyErr_SetString(PyExc_TypeError, "keys of metadata are texts");
            break;
        }

        /* A message gets a time stamp of its own; that of a received message, which is often passed on, is not a parameter. */
        if (PyDateTime_Check(value) && PyUnicode_Compare(key, key_timestamp) == 0)
            continue;
        if (place.handle == NULL)
        {
            dora_status status = dora_metadata_new(&place.handle);
            if (status != DORA_OK)
            {
                raise_status(status);
                break;
            }
        }

        place.key = PyUnicode_AsUTF8AndSize(key, &length);
        place.key_length = (size_t)length;
        if (place.key == NULL || add(&place, value, 0) < 0)
            break;
    }

    Py_DECREF(copy);
    if (!PyErr_Occurred())
    {
        *metadata = place.handle;
        return 0;
    }

    if (place.handle != NULL)
        dora_metadata_free(place.handle);
    return -1;
}

/* ---- In ----------------------------------------------------------------------------------------------------------------------- */

PyObject *time_from_ns(uint64_t unix_ns)
{
    /* Civil date from days, after Howard Hinnant's "chrono-compatible low-level date algorithms": eras of 400 years from 0000-03-01. */
    uint64_t microseconds = unix_ns / 1000, seconds = microseconds / 1000000;
    int64_t days = (int64_t)(seconds / 86400) + 719468;
    int in_day = (int)(seconds % 86400);
    int64_t era = days / 146097;
    int day_of_era = (int)(days - era * 146097);
    int year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
    int day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    int shifted = (5 * day_of_year + 2) / 153;
    int day = day_of_year - (153 * shifted + 2) / 5 + 1, month = shifted < 10 ? shifted + 3 : shifted - 9;
    int year = year_of_era + (int)era * 400 + (month <= 2);
    return PyDateTimeAPI->DateTime_FromDateAndTime(year, month, day, in_day / 3600, in_day / 60 % 60, in_day % 60,
        (int)(microseconds % 1000000), PyDateTime_TimeZone_UTC, PyDateTimeAPI->DateTimeType);
}

static PyObject *string_of(dora_metadata_t *metadata, const char *key, size_t key_length)
{
    char small[256];
    size_t length = 0;
    dora_status status = dora_metadata_get_string(metadata, key, key_length, small, sizeof small, &length);
    if (status != DORA_OK)
        return raise_status(status);
    if (length <= sizeof small)
        return PyUnicode_DecodeUTF8(small, (Py_ssize_t)length, "replace");
    char *large = malloc(length);
    if (large == NULL)
        return PyErr_NoMemory();
    status = dora_metadata_get_string(metadata, key, key_length, large, length, &length);
    PyObject *text = status == DORA_OK ? PyUnicode_DecodeUTF8(large, (Py_ssize_t)length, "replace") : raise_status(status);
    free(large);
    return text;
}

static PyObject *strings_of(dora_metadata_t *metadata, const char *key, size_t key_length)
{
    size_t count, capacity = 0;
    char *buffer = NULL;
    dora_status status = dora_metadata_get_strings_count(metadata, key, key_length, &count);
    PyObject *list = status == DORA_OK ? PyList_New((Py_ssize_t)count) : raise_status(status);
    for (size_t i = 0; list != NULL && i < count; i++)
    {
        size_t length;
        status = dora_metadata_get_string_at(metadata, key, key_length, i, NULL, 0, &length);
        if (status == DORA_OK && length > capacity)
        {
            char *more = realloc(buffer, length);
            if (more == NULL)
            {
                PyErr_NoMemory();
                Py_CLEAR(list);
                break;
            }

            buffer = more;
            capacity = length;
        }

        if (status == DORA_OK)
            status = dora_metadata_get_string_at(metadata, key, key_length, i, buffer, capacity, &length);
        PyObject *text = status == DORA_OK ? PyUnicode_DecodeUTF8(buffer == NULL ? "" : buffer, (Py_ssize_t)length, "replace") : raise_status(status);
        if (text == NULL)
            Py_CLEAR(list);
        else
            PyList_SET_ITEM(list, (Py_ssize_t)i, text);
    }

    free(buffer);
    return list;
}

static PyObject *numbers_of(dora_metadata_t *metadata, const char *key, size_t key_length, int are_floats)
{
    size_t count = 0;
    dora_status status = are_floats ? dora_metadata_get_floats(metadata, key, key_length, NULL, 0, &count)
                                    : dora_metadata_get_integers(metadata, key, key_length, NULL, 0, &count);
    if (status != DORA_OK)
        return raise_status(status);
    void *values = malloc((count + 1) * 8);
    if (values == NULL)
        return PyErr_NoMemory();
    status = are_floats ? dora_metadata_get_floats(metadata, key, key_length, values, count, &count)
                        : dora_metadata_get_integers(metadata, key, key_length, values, count, &count);
    PyObject *list = status == DORA_OK ? PyList_New((Py_ssize_t)count) : raise_status(status);
    for (size_t i = 0; list != NULL && i < count; i++)
    {
        PyObject *number = are_floats ? PyFloat_FromDouble(((double *)values)[i]) : PyLong_FromLongLong(((int64_t *)values)[i]);
        if (number == NULL)
            Py_CLEAR(list);
        else
            PyList_SET_ITEM(list, (Py_ssize_t)i, number);
    }

    free(values);
    return list;
}

static PyObject *value_of(dora_metadata_t *metadata, const char *key, size_t key_length)
{
    int truth;
    int64_t integer;
    double number;
    uint64_t time;
    dora_status status = DORA_OK;
    switch (dora_metadata_kind(metadata, key, key_length))
    {
    case DORA_PARAMETER_BOOL:
        status = dora_metadata_get_bool(metadata, key, key_length, &truth);
        return status == DORA_OK ? PyBool_FromLong(truth) : raise_status(status);
    case DORA_PARAMETER_INTEGER:
        status = dora_metadata_get_integer(metadata, key, key_length, &integer);
        return status == DORA_OK ? PyLong_FromLongLong(integer) : raise_status(status);
    case DORA_PARAMETER_FLOAT:
        status = dora_metadata_get_float(metadata, key, key_length, &number);
        return status == DORA_OK ? PyFloat_FromDouble(number) : raise_status(status);
    case DORA_PARAMETER_TIMESTAMP:
        status = dora_metadata_get_timestamp(metadata, key, key_length, &time);
        return status == DORA_OK ? time_from_ns(time) : raise_status(status);
    case DORA_PARAMETER_STRING:
        return string_of(metadata, key, key_length);
    case DORA_PARAMETER_STRINGS:
        return strings_of(metadata, key, key_length);
    case DORA_PARAMETER_INTEGERS:
        return numbers_of(metadata, key, key_length, 0);
    case DORA_PARAMETER_FLOATS:
        return numbers_of(metadata, key, key_length, 1);
    default:
        Py_RETURN_NONE; /* of a later version */
    }
}

int metadata_into(dora_event_t *event, PyObject *dictionary)
{
    dora_metadata_t *metadata;
    size_t count = 0;
    dora_status status = dora_event_metadata(event, &metadata);
    if (status != DORA_OK)
    {
        raise_status(status);
        return -1;
    }

    status = dora_metadata_count(metadata, &count);
    for (size_t i = 0; i < count && status == DORA_OK; i++)
    {
        char small[256], *key = small;
        size_t length = 0;
        status = dora_metadata_key_at(metadata, i, small, sizeof small, &length);
        if (status == DORA_OK && length > sizeof small)
        {
            if ((key = malloc(length)) == NULL)
            {
                PyErr_NoMemory();
                break;
            }

            status = dora_metadata_key_at(metadata, i, key, length, &length);
        }

        if (status == DORA_OK)
        {
            PyObject *name = PyUnicode_DecodeUTF8(key, (Py_ssize_t)length, "replace");
            PyObject *value = name == NULL ? NULL : value_of(metadata, key, length);
            if (value != NULL)
                PyDict_SetItem(dictionary, name, value);
            Py_XDECREF(name);
            Py_XDECREF(value);
        }

        if (key != small)
            free(key);
        if (PyErr_Occurred())
            break;
    }

    dora_metadata_free(metadata);
    if (!PyErr_Occurred() && status != DORA_OK)
        raise_status(status);
    return PyErr_Occurred() ? -1 : 0;
}

int metadata_ready(void)
{
    PyDateTime_IMPORT;
    PyObject *module = PyImport_ImportModule("dora._metadata");
    if (PyDateTimeAPI == NULL || module == NULL)
        return -1;
    simplify = PyObject_GetAttrString(module, "simplify");
    Py_DECREF(module);
    key_timestamp = PyUnicode_InternFromString("timestamp");
    return simplify == NULL || key_timestamp == NULL ? -1 : 0;
}
