/* SPDX-License-Identifier: Apache-2.0 */
/* What the node and the operator in C have in common: the cases, their parameters, and the book of what was received. */
#ifndef CASES_H
#define CASES_H

#include <dora/operator_types.h> /* DoraParameter_t: a parameter as a plain struct */

#include "arrow_values.h"

enum { CASES = 12, PEERS = 10, PARAMETERS = 14, TEXT_LINE = 400, BYTES_MAX = 4 << 20 };

static const char *const case_names[CASES] = {"empty", "bytes-8", "bytes-4096", "bytes-4194304", "int64", "float32",
                                              "string", "struct", "list", "nulls", "null-struct", "sliced"};
static const char *const peers[PEERS] = {"csharp-node", "python-node", "rust-node", "c-node", "cpp-node",
                                         "csharp-operator", "python-operator", "rust-operator", "c-operator", "cpp-operator"};
static const size_t byte_counts[] = {0, 8, 4096, BYTES_MAX}; /* of the first four */

static inline int is_bytes(int number)
{
    return number < (int)(sizeof byte_counts / sizeof *byte_counts);
}

static inline void write_pattern(uint8_t *data, size_t length)
{
    for (size_t i = 0; i < length; i++)
        data[i] = (uint8_t)(i * 7 % 251);
}

/* ---- What a case is --------------------------------------------------------------------------------------------------------------- */

typedef struct
{
    char format[8]; /* "C": plain bytes */
    int64_t rows;
    int64_t checksum;
} Description;

static inline Description describe_bytes(const void *data, size_t length)
{
    Description result = {"C", (int64_t)length, 0};
    uint32_t crc = 0;
    add_bytes(&crc, data, length);
    result.checksum = crc;
    return result;
}

static inline Description describe_array(const struct ArrowArray *array, const struct ArrowSchema *schema)
{
    Description result = {"", array->length, checksum_of_array(array, schema)};
    snprintf(result.format, sizeof result.format, "%s", schema->format);
    return result;
}

/* Of a case as it is here; made once each. */
static inline Description describe_case(int number)
{
    static Description known[CASES];
    if (known[number].format[0] == 0)
    {
        struct ArrowArray array;
        struct ArrowSchema schema;
        if (make_array(case_names[number], &array, &schema))
        {
            known[number] = describe_array(&array, &schema);
            array.release(&array);
            schema.release(&schema);
        }
        else
        {
            uint8_t *data = (uint8_t *)take(byte_counts[number], 1);
            write_pattern(data, byte_counts[number]);
            known[number] = describe_bytes(data, byte_counts[number]);
            free(data);
        }
    }
    return known[number];
}

/* ---- Parameters ------------------------------------------------------------------------------------------------------------------- */

static inline DoraText_t text_of(const char *text)
{
    DoraText_t result = {text, strlen(text)};
    return result;
}

static int by_key(const void *left, const void *right)
{
    const DoraText_t a = (*(const DoraParameter_t *const *)left)->key, b = (*(const DoraParameter_t *const *)right)->key;
    const int order = memcmp(a.ptr, b.ptr, a.len < b.len ? a.len : b.len);
    return order != 0 ? order : (a.len > b.len) - (a.len < b.len);
}

static void add_parameter(uint32_t *crc, const DoraParameter_t *parameter)
{
    add_text(crc, parameter->key.ptr, parameter->key.len);
    add_byte(crc, (uint8_t)parameter->kind);
    switch (parameter->kind)
    {
        case DORA_PARAMETER_BOOL: add_byte(crc, parameter->value.boolean ? 1 : 0); break;
        case DORA_PARAMETER_INTEGER:
        case DORA_PARAMETER_FLOAT:
        case DORA_PARAMETER_TIMESTAMP: add_bytes(crc, &parameter->value, 8); break;
        case DORA_PARAMETER_STRING: add_text(crc, parameter->value.string.ptr, parameter->value.string.len); break;
        case DORA_PARAMETER_INTEGERS:
        case DORA_PARAMETER_FLOATS:
            add_u32(crc, (uint32_t)parameter->count);
            add_bytes(crc, parameter->value.integers, parameter->count * 8);
            break;
        case DORA_PARAMETER_STRINGS:
            add_u32(crc, (uint32_t)parameter->count);
            for (size_t i = 0; i < parameter->count; i++)
                add_text(crc, parameter->value.strings[i].ptr, parameter->value.strings[i].len);
            break;
        default: break;
    }
}

/* Over all parameters but itself, in the order of their names. */
static inline int64_t checksum_of_parameters(DoraParameters_t parameters)
{
    const DoraParameter_t **sorted = (const DoraParameter_t **)take(parameters.len, sizeof *sorted);
    uint32_t crc = 0;
    for (size_t i = 0; i < parameters.len; i++)
        sorted[i] = &parameters.ptr[i];
    qsort((void *)sorted, parameters.len, sizeof *sorted, by_key);
    for (size_t i = 0; i < parameters.len; i++)
    {
        if (sorted[i]->key.len != strlen("metadata-checksum") || memcmp(sorted[i]->key.ptr, "metadata-checksum", sorted[i]->key.len) != 0)
            add_parameter(&crc, sorted[i]);
    }
    free((void *)sorted);
    return crc;
}

/* What is sent with a case: what it is, and a parameter of every kind. */
static inline DoraParameters_t parameters_of(const char *me, int number, DoraParameter_t *place)
{
    static const int64_t integers[] = {1, -2, INT64_MAX};
    static const double floats[] = {0.5, -1e300};
    static const DoraText_t strings[] = {{"one", 3}, {"", 0}, {"drei \xc3\xa4", 7}};
    static Description descriptions[CASES]; /* the texts are lent */
    descriptions[number] = describe_case(number);
    const Description *what = &descriptions[number];
    DoraParameter_t *next = place;

    memset(place, 0, PARAMETERS * sizeof *place);
    *next = (DoraParameter_t){text_of("case"), DORA_PARAMETER_STRING, 0, {.string = text_of(case_names[number])}}, next++;
    *next = (DoraParameter_t){text_of("from"), DORA_PARAMETER_STRING, 0, {.string = text_of(me)}}, next++;
    *next = (DoraParameter_t){text_of("format"), DORA_PARAMETER_STRING, 0, {.string = text_of(what->format)}}, next++;
    *next = (DoraParameter_t){text_of("rows"), DORA_PARAMETER_INTEGER, 0, {.integer = what->rows}}, next++;
    *next = (DoraParameter_t){text_of("checksum"), DORA_PARAMETER_INTEGER, 0, {.integer = what->checksum}}, next++;
    *next = (DoraParameter_t){text_of("bool"), DORA_PARAMETER_BOOL, 0, {.boolean = true}}, next++;
    *next = (DoraParameter_t){text_of("integer"), DORA_PARAMETER_INTEGER, 0, {.integer = -9007199254740993}}, next++;
    *next = (DoraParameter_t){text_of("float"), DORA_PARAMETER_FLOAT, 0, {.floating = 0.1}}, next++;
    *next = (DoraParameter_t){text_of("string"), DORA_PARAMETER_STRING, 0,
                              {.string = text_of("Gr\xc3\xbc\xc3\x9f" "e, \xe4\xb8\x96\xe7\x95\x8c \xf0\x9f\x99\x82")}}, next++;
    *next = (DoraParameter_t){text_of("integers"), DORA_PARAMETER_INTEGERS, 3, {.integers = integers}}, next++;
    *next = (DoraParameter_t){text_of("floats"), DORA_PARAMETER_FLOATS, 2, {.floats = floats}}, next++;
    *next = (DoraParameter_t){text_of("strings"), DORA_PARAMETER_STRINGS, 3, {.strings = strings}}, next++;
    *next = (DoraParameter_t){text_of("stamp"), DORA_PARAMETER_TIMESTAMP, 0, {.timestamp_ns = 1700000000123456000}}, next++;

    DoraParameters_t parameters = {place, (size_t)(next - place)};
    *next = (DoraParameter_t){text_of("metadata-checksum"), DORA_PARAMETER_INTEGER, 0, {.integer = checksum_of_parameters(parameters)}};
    parameters.len++;
    return parameters;
}

static inline const DoraParameter_t *find(DoraParameters_t parameters, const char *key, int kind)
{
    for (size_t i = 0; i < parameters.len; i++)
    {
        const DoraParameter_t *parameter = &parameters.ptr[i];
        if (parameter->key.len == strlen(key) && memcmp(parameter->key.ptr, key, parameter->key.len) == 0)
            return parameter->kind == kind ? parameter : NULL;
    }
    return NULL;
}

static inline int64_t integer_of(DoraParameters_t parameters, const char *key)
{
    const DoraParameter_t *parameter = find(parameters, key, DORA_PARAMETER_INTEGER);
    return parameter == NULL ? -1 : parameter->value.integer;
}

static inline void copy_text(DoraParameters_t parameters, const char *key, char *place, size_t size)
{
    const DoraParameter_t *parameter = find(parameters, key, DORA_PARAMETER_STRING);
    snprintf(place, size, "%.*s", parameter == NULL ? 0 : (int)parameter->value.string.len, parameter == NULL ? "" : parameter->value.string.ptr);
}

/* ---- The book of what was received ------------------------------------------------------------------------------------------------ */

typedef struct
{
    const char *me;
    bool has[PEERS][CASES];
    int count[PEERS];
    int complete; /* how many peers have sent everything */
} Book;

static inline int index_of(const char *const *names, int count, const char *name, size_t length)
{
    for (int i = 0; i < count; i++)
    {
        if (strlen(names[i]) == length && memcmp(names[i], name, length) == 0)
            return i;
    }
    return -1;
}

/* Whether a message arrived as it was sent. `line` says what is wrong, or, with the sender's last message, that all were checked. */
static inline bool check(
    Book *book, const char *sender, size_t sender_length, DoraParameters_t parameters, Description received, char line[TEXT_LINE])
{
    char name[40], from[40], format[40];
    copy_text(parameters, "case", name, sizeof name);
    copy_text(parameters, "from", from, sizeof from);
    copy_text(parameters, "format", format, sizeof format);
    const Description sent = {"", integer_of(parameters, "rows"), integer_of(parameters, "checksum")};
    const int peer = index_of(peers, PEERS, sender, sender_length), number = index_of(case_names, CASES, name, strlen(name));
    const int start = snprintf(line, TEXT_LINE, "differs %s <- %.*s: case %s: ", book->me, (int)sender_length, sender, name);
    char *what = line + start;
    const size_t room = TEXT_LINE - (size_t)start;

    if (integer_of(parameters, "metadata-checksum") != checksum_of_parameters(parameters))
        snprintf(what, room, "the checksum of the metadata is %lld", (long long)checksum_of_parameters(parameters));
    else if (peer < 0 || strcmp(from, peers[peer]) != 0)
        snprintf(what, room, "it comes from %s", from);
    else if (strcmp(format, received.format) != 0)
        snprintf(what, room, "the format is %s, but %s was sent", received.format, format);
    else if (received.rows != sent.rows)
        snprintf(what, room, "there are %lld rows, but %lld were sent", (long long)received.rows, (long long)sent.rows);
    else if (received.checksum != sent.checksum)
        snprintf(what, room, "the checksum is %lld, but %lld was sent", (long long)received.checksum, (long long)sent.checksum);
    else if (number < 0 || strcmp(format, describe_case(number).format) != 0 || received.rows != describe_case(number).rows
             || received.checksum != describe_case(number).checksum)
        snprintf(what, room, "this is not what the case is here");
    else if (book->has[peer][number])
        snprintf(what, room, "came twice");
    else
    {
        line[0] = 0;
        book->has[peer][number] = true;
        if (++book->count[peer] == CASES)
        {
            int length = snprintf(line, TEXT_LINE, "checked %s <- %s:", book->me, peers[peer]);
            for (int i = 0; i < CASES; i++)
                length += snprintf(line + length, TEXT_LINE - (size_t)length, " %s", case_names[i]);
            book->complete++;
        }
        return true;
    }
    return false;
}

/* Whether a peer has sent everything; otherwise `line` says what is missing. */
static inline bool close_peer(const Book *book, const char *sender, size_t sender_length, char line[TEXT_LINE])
{
    const int peer = index_of(peers, PEERS, sender, sender_length);
    if (peer < 0 || book->count[peer] == CASES)
        return true;
    int length = snprintf(line, TEXT_LINE, "missing %s <- %s:", book->me, peers[peer]);
    for (int i = 0; i < CASES; i++)
    {
        if (!book->has[peer][i])
            length += snprintf(line + length, TEXT_LINE - (size_t)length, " %s", case_names[i]);
    }
    return false;
}

#endif
