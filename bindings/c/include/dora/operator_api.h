/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The C operator API. An operator is a shared library that exports three functions:
 *
 *     DoraInitResult_t dora_init_operator(void);
 *     OnEventResult_t  dora_on_event(const RawEvent_t *event, const SendOutput_t *send_output, void *operator_context);
 *     DoraResult_t     dora_drop_operator(void *operator_context);
 *
 *     cc -shared -fPIC -I…/include operator.c -o liboperator.so
 *
 * The runtime calls them on one thread, one at a time. It calls dora_init_operator again for a new instance after an error; a library
 * keeps state in operator_context, not in globals. An operator that crashes takes its runtime process with it, and nothing else.
 *
 * dora_on_event is not declared here, because programs for dora write its first parameter with const and without; in C++ write it in
 * extern "C".
 */
#ifndef DORA_OPERATOR_API_H
#define DORA_OPERATOR_API_H

#include <stdlib.h>
#include <string.h>

#include "operator_types.h"

#ifdef __cplusplus
extern "C" {
#endif

DoraInitResult_t dora_init_operator(void);
DoraResult_t dora_drop_operator(void *operator_context);

/* Optional: called after dora_init_operator and before the first event, when the operator keeps state and there is something to tell. */
DoraResult_t dora_restore_state(void *operator_context, const DoraStateEntry_t *entries, size_t entries_len, const DoraRestoreInfo_t *info);

/* The id of an input as a C string, to be freed with dora_free_input_id; NULL without memory. */
static inline char *dora_read_input_id(const Input_t *input)
{
    char *id = (char *)malloc(input->id.len + 1);
    if (id != NULL)
    {
        memcpy(id, input->id.ptr, input->id.len);
        id[input->id.len] = 0;
    }
    return id;
}

static inline void dora_free_input_id(char *id)
{
    free(id);
}

/* The bytes of an input, in place; valid until dora_on_event returns. */
static inline Vec_uint8_t dora_read_data(Input_t *input)
{
    return input->data;
}

/* Does nothing: the bytes are borrowed. */
static inline void dora_free_data(Vec_uint8_t data)
{
    (void)data;
}

/* Sends bytes, which are copied; id is a C string. On failure the result's error says why: return it, or free it with
 * dora_free_error. */
static inline DoraResult_t dora_send_operator_output(
    const SendOutput_t *send_output, const char *id, const uint8_t *data_ptr, size_t data_len)
{
    return send_output->send_bytes(send_output->send_output.env_ptr, id, strlen(id), data_ptr, data_len);
}

/* ---- Beyond dora's own forms: parameters, Arrow, logging. Described at DoraOperatorApi_t in operator_types.h. ---------------------- */

/* A text of a C string. */
static inline DoraText_t dora_text(const char *text)
{
    DoraText_t result = {text, strlen(text)};
    return result;
}

/* No parameters. */
static inline DoraParameters_t dora_no_parameters(void)
{
    DoraParameters_t none = {NULL, 0};
    return none;
}

/* Sends bytes with parameters. */
static inline DoraResult_t dora_send_operator_output_with_parameters(
    const SendOutput_t *send_output, const char *id, const uint8_t *data_ptr, size_t data_len, DoraParameters_t parameters)
{
    return send_output->api->send(dora_text(id), data_ptr, data_len, parameters);
}

/* Sends bytes that `write` puts straight into the message; nothing if it returns false. */
static inline DoraResult_t dora_send_operator_output_in_place(
    const SendOutput_t *send_output, const char *id, size_t data_len, bool (*write)(void *state, uint8_t *data, size_t data_len),
    void *state, DoraParameters_t parameters)
{
    return send_output->api->send_in_place(dora_text(id), data_len, write, state, parameters);
}

/* Sends a typed Arrow array, and takes it over. */
static inline DoraResult_t dora_send_operator_arrow(
    const SendOutput_t *send_output, const char *id, struct ArrowArray *array, struct ArrowSchema *schema, DoraParameters_t parameters)
{
    return send_output->api->send_arrow(dora_text(id), array, schema, parameters);
}

/* Passes the input of this call on as it came. */
static inline DoraResult_t dora_forward_operator_input(const SendOutput_t *send_output, const char *id)
{
    return send_output->api->forward(dora_text(id));
}

/* The parameters of an input; they live until dora_on_event returns. */
static inline DoraResult_t dora_read_input_parameters(const Input_t *input, DoraParameters_t *parameters)
{
    return input->api->read_parameters(parameters);
}

/* A parameter by its name, or NULL. */
static inline const DoraParameter_t *dora_find_parameter(DoraParameters_t parameters, const char *key)
{
    const size_t length = strlen(key);
    for (size_t i = 0; i < parameters.len; i++)
    {
        if (parameters.ptr[i].key.len == length && memcmp(parameters.ptr[i].key.ptr, key, length) == 0)
            return &parameters.ptr[i];
    }
    return NULL;
}

/* An input as an Arrow array, the operator's to release. */
static inline DoraResult_t dora_read_input_arrow(const Input_t *input, struct ArrowArray *array, struct ArrowSchema *schema)
{
    return input->api->read_arrow(array, schema);
}

/* Writes a record to the dataflow's log; level: 0 error, 1 warn, 2 info, 3 debug, 4 trace. */
static inline DoraResult_t dora_operator_log(const SendOutput_t *send_output, int level, const char *message)
{
    return send_output->api->log(level, dora_text(message));
}

/* Saves one value of the operator's state; see save_state in operator_types.h. */
static inline DoraResult_t dora_save_state(const SendOutput_t *send_output, const char *key, const uint8_t *value, size_t value_len)
{
    return send_output->api->save_state(dora_text(key), value, value_len);
}

/* Removes one value of the operator's state. */
static inline DoraResult_t dora_delete_state(const SendOutput_t *send_output, const char *key)
{
    return send_output->api->delete_state(dora_text(key));
}

/* With `commit: explicit`: what was saved so far becomes permanent when this event has been handled. */
static inline DoraResult_t dora_commit_state(const SendOutput_t *send_output)
{
    return send_output->api->commit_state();
}

/* ---- Errors ---------------------------------------------------------------------------------------------------------------------- */

/* An error to return, from a C string. */
static inline DoraResult_t dora_error(const char *message)
{
    DoraResult_t result = {NULL};
    Vec_uint8_t *error = (Vec_uint8_t *)malloc(sizeof(Vec_uint8_t));
    if (error != NULL)
    {
        error->len = error->cap = strlen(message);
        error->ptr = (uint8_t *)malloc(error->len + 1);
        if (error->ptr != NULL)
            memcpy(error->ptr, message, error->len + 1);
        else
            error->len = error->cap = 0;
    }
    result.error = error;
    return result;
}

/* Frees an error that is not returned. */
static inline void dora_free_error(DoraResult_t result)
{
    if (result.error != NULL)
    {
        free(result.error->ptr);
        free(result.error);
    }
}

#ifdef __cplusplus
}
#endif

#endif
