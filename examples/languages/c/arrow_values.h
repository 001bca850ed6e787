/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The Arrow arrays of this example, built and read through the structs of the Arrow C Data Interface alone; for C and C++. A program with
 * an Arrow library (Arrow C++ or GLib, nanoarrow) would leave this to it.
 */
#ifndef ARROW_VALUES_H
#define ARROW_VALUES_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <dora/arrow.h>

#include "checksum.h"

enum { ROWS = 100, SLICE_START = 5, SLICE_ROWS = 20, TEXT_MAX = 64 };

/* ---- Reading: the checksum of all values ------------------------------------------------------------------------------------------ */

static int is_valid(const struct ArrowArray *array, int64_t index)
{
    const uint8_t *bits = (const uint8_t *)array->buffers[0];
    return bits == NULL || (bits[index >> 3] >> (index & 7) & 1);
}

static void add_value(uint32_t *crc, const struct ArrowArray *array, const struct ArrowSchema *schema, int64_t row)
{
    const int64_t index = array->offset + row;
    if (!is_valid(array, index))
    {
        add_byte(crc, 0);
    }
    else if (strcmp(schema->format, "l") == 0)
    {
        add_byte(crc, 1);
        add_bytes(crc, (const int64_t *)array->buffers[1] + index, sizeof(int64_t));
    }
    else if (strcmp(schema->format, "f") == 0)
    {
        add_byte(crc, 2);
        add_bytes(crc, (const float *)array->buffers[1] + index, sizeof(float));
    }
    else if (strcmp(schema->format, "u") == 0)
    {
        const int32_t *offsets = (const int32_t *)array->buffers[1] + index;
        add_byte(crc, 3);
        add_text(crc, (const char *)array->buffers[2] + offsets[0], (size_t)(offsets[1] - offsets[0]));
    }
    else if (strcmp(schema->format, "+l") == 0)
    {
        const int32_t *offsets = (const int32_t *)array->buffers[1] + index;
        add_byte(crc, 4);
        add_u32(crc, (uint32_t)(offsets[1] - offsets[0]));
        for (int32_t item = offsets[0]; item < offsets[1]; item++)
            add_value(crc, array->children[0], schema->children[0], item);
    }
    else if (strcmp(schema->format, "+s") == 0)
    {
        add_byte(crc, 5);
        for (int64_t i = 0; i < array->n_children; i++)
        {
            add_text(crc, schema->children[i]->name, strlen(schema->children[i]->name));
            add_value(crc, array->children[i], schema->children[i], index);
        }
    }
    else
    {
        add_byte(crc, 255); /* no case has this type: the checksums will differ */
    }
}

static inline uint32_t checksum_of_array(const struct ArrowArray *array, const struct ArrowSchema *schema)
{
    uint32_t crc = 0;
    for (int64_t row = 0; row < array->length; row++)
        add_value(&crc, array, schema, row);
    return crc;
}

/* ---- Building --------------------------------------------------------------------------------------------------------------------- */

static void *take(size_t count, size_t size)
{
    void *memory = calloc(count == 0 ? 1 : count, size);
    if (memory == NULL)
        abort();
    return memory;
}

static void release_array(struct ArrowArray *array)
{
    for (int64_t i = 0; i < array->n_children; i++)
    {
        if (array->children[i]->release != NULL)
            array->children[i]->release(array->children[i]);
        free(array->children[i]);
    }
    for (int64_t i = 0; i < array->n_buffers; i++)
        free((void *)array->buffers[i]);
    free(array->children);
    free((void *)array->buffers);
    array->release = NULL;
}

static void release_schema(struct ArrowSchema *schema)
{
    for (int64_t i = 0; i < schema->n_children; i++)
    {
        if (schema->children[i]->release != NULL)
            schema->children[i]->release(schema->children[i]);
        free(schema->children[i]);
    }
    free(schema->children);
    schema->release = NULL;
}

static void make(
    struct ArrowArray *array, struct ArrowSchema *schema, const char *format, const char *name, int64_t rows, int64_t buffers, int64_t children)
{
    memset(array, 0, sizeof *array);
    memset(schema, 0, sizeof *schema);
    array->length = rows;
    array->n_buffers = buffers;
    array->buffers = (const void **)take((size_t)buffers, sizeof(void *));
    array->n_children = schema->n_children = children;
    array->children = (struct ArrowArray **)take((size_t)children, sizeof(void *));
    schema->children = (struct ArrowSchema **)take((size_t)children, sizeof(void *));
    for (int64_t i = 0; i < children; i++)
    {
        array->children[i] = (struct ArrowArray *)take(1, sizeof *array);
        schema->children[i] = (struct ArrowSchema *)take(1, sizeof *schema);
    }
    array->release = release_array;
    schema->format = format;
    schema->name = name;
    schema->flags = ARROW_FLAG_NULLABLE;
    schema->release = release_schema;
}

/* A null in each row of which `rest` is what remains of it divided by `divisor`. */
static void set_nulls(struct ArrowArray *array, int64_t divisor, int64_t rest)
{
    uint8_t *bits = (uint8_t *)take((size_t)(array->length + 7) / 8, 1);
    for (int64_t i = 0; i < array->length; i++)
    {
        if (i % divisor == rest)
            array->null_count++;
        else
            bits[i >> 3] |= (uint8_t)(1 << (i & 7));
    }
    array->buffers[0] = bits;
}

static int64_t big(int64_t i)
{
    return (i - 50) * 1000000007;
}

static int64_t triple(int64_t i)
{
    return i * 3;
}

static void make_int64(struct ArrowArray *array, struct ArrowSchema *schema, const char *name, int64_t (*value)(int64_t))
{
    make(array, schema, "l", name, ROWS, 2, 0);
    int64_t *values = (int64_t *)take(ROWS, sizeof(int64_t));
    for (int64_t i = 0; i < ROWS; i++)
        values[i] = value(i);
    array->buffers[1] = values;
}

static void make_float32(struct ArrowArray *array, struct ArrowSchema *schema)
{
    make(array, schema, "f", "", ROWS, 2, 0);
    float *values = (float *)take(ROWS, sizeof(float));
    for (int64_t i = 0; i < ROWS; i++)
        values[i] = (float)(i - 50) / 8;
    array->buffers[1] = values;
}

static void make_string(struct ArrowArray *array, struct ArrowSchema *schema, const char *name)
{
    make(array, schema, "u", name, ROWS, 3, 0);
    int32_t *offsets = (int32_t *)take(ROWS + 1, sizeof(int32_t));
    char *text = (char *)take(ROWS, TEXT_MAX);
    for (int i = 0; i < ROWS; i++)
    {
        int length = i == 0 ? 0 : snprintf(text + offsets[i], TEXT_MAX, "%d: gr\xc3\xbcn, \xe4\xb8\x96\xe7\x95\x8c \xf0\x9f\x99\x82", i);
        offsets[i + 1] = offsets[i] + length;
    }
    array->buffers[1] = offsets;
    array->buffers[2] = text;
}

static void make_struct(struct ArrowArray *array, struct ArrowSchema *schema)
{
    make(array, schema, "+s", "", ROWS, 1, 2);
    make_int64(array->children[0], schema->children[0], "x", triple);
    make_string(array->children[1], schema->children[1], "name");
}

static void make_list(struct ArrowArray *array, struct ArrowSchema *schema)
{
    make(array, schema, "+l", "", ROWS, 2, 1);
    int32_t *offsets = (int32_t *)take(ROWS + 1, sizeof(int32_t));
    int64_t *items = (int64_t *)take(ROWS * 3, sizeof(int64_t));
    for (int i = 0; i < ROWS; i++)
    {
        offsets[i + 1] = offsets[i] + i % 4;
        for (int k = 0; k < i % 4; k++)
            items[offsets[i] + k] = i * 10 + k;
    }
    array->buffers[1] = offsets;
    make(array->children[0], schema->children[0], "l", "item", offsets[ROWS], 2, 0);
    array->children[0]->buffers[1] = items;
}

/* Makes the array of a case; false when the case is plain bytes. Both structs are the caller's. */
static inline int make_array(const char *name, struct ArrowArray *array, struct ArrowSchema *schema)
{
    if (strcmp(name, "int64") == 0)
    {
        make_int64(array, schema, "", big);
    }
    else if (strcmp(name, "float32") == 0)
    {
        make_float32(array, schema);
    }
    else if (strcmp(name, "string") == 0)
    {
        make_string(array, schema, "");
    }
    else if (strcmp(name, "struct") == 0)
    {
        make_struct(array, schema);
    }
    else if (strcmp(name, "list") == 0)
    {
        make_list(array, schema);
    }
    else if (strcmp(name, "nulls") == 0)
    {
        make_int64(array, schema, "", big);
        set_nulls(array, 3, 1);
    }
    else if (strcmp(name, "null-struct") == 0)
    {
        make_struct(array, schema);
        set_nulls(array, 4, 2);
        set_nulls(array->children[0], 3, 1);
        set_nulls(array->children[1], 5, 3);
    }
    else if (strcmp(name, "sliced") == 0)
    {
        make_int64(array, schema, "", big);
        set_nulls(array, 3, 1);
        array->offset = SLICE_START;
        array->length = SLICE_ROWS;
        array->null_count = -1; /* not counted */
    }
    else
    {
        return 0;
    }
    return 1;
}

#endif
