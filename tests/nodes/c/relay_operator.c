// SPDX-License-Identifier: Apache-2.0
// Passes the messages of sender.c on in each of the ways that an operator has; receiver.c checks that they arrive as they were sent.
#include <dora/arrow.h>
#include <dora/operator_api.h>
#include <stdio.h>

static struct ArrowArray kept; // of the first array, beyond its event
static struct ArrowSchema kept_schema;

static bool write_copy(void *state, uint8_t *data, size_t length)
{
    const Vec_uint8_t *from = state;
    if (length != from->len)
        return false;
    memcpy(data, from->ptr, length);
    return true;
}

static bool write_nothing(void *state, uint8_t *data, size_t length)
{
    (void)state;
    (void)data;
    (void)length;
    return false;
}

static DoraResult_t relay_plain(const Input_t *input, const SendOutput_t *send_output, int number)
{
    DoraParameters_t parameters;
    DoraResult_t result = dora_read_input_parameters(input, &parameters);
    if (result.error != NULL)
        return result;
    if (number == 0)
    {
        const DoraParameter_t *list = dora_find_parameter(parameters, "integers");
        if (input->is_arrow || parameters.len != 8 || list == NULL || list->kind != DORA_PARAMETER_INTEGERS || list->count != 3
            || dora_find_parameter(parameters, "integer_") != NULL)
            return dora_error("the parameters are not what was sent");
        return dora_send_operator_output_with_parameters(send_output, "plain", input->data.ptr, input->data.len, parameters);
    }
    if (number == 1)
    {
        DoraResult_t refused = dora_send_operator_output_in_place(send_output, "plain", 100, write_nothing, NULL, dora_no_parameters());
        if (refused.error == NULL)
            return dora_error("a message was sent that nobody wrote");
        dora_free_error(refused);
        Vec_uint8_t data = input->data;
        return dora_send_operator_output_in_place(send_output, "plain", data.len, write_copy, &data, parameters);
    }
    return dora_forward_operator_input(send_output, "plain");
}

static DoraResult_t relay_arrow(const Input_t *input, const SendOutput_t *send_output)
{
    struct ArrowArray array;
    struct ArrowSchema schema;
    DoraParameters_t parameters;
    DoraResult_t result = dora_read_input_parameters(input, &parameters);
    if (result.error == NULL && kept.release == NULL)
        result = dora_read_input_arrow(input, &kept, &kept_schema);
    if (result.error == NULL)
        result = dora_read_input_arrow(input, &array, &schema);
    if (result.error == NULL && (!input->is_arrow || strcmp(schema.format, "l") != 0 || array.length != 4))
        result = dora_error("the array is not what was sent");
    return result.error != NULL ? result : dora_send_operator_arrow(send_output, "arrow", &array, &schema, parameters);
}

DoraInitResult_t dora_init_operator(void)
{
    DoraInitResult_t result = {.operator_context = calloc(1, sizeof(int))};
    return result;
}

DoraResult_t dora_drop_operator(void *operator_context)
{
    DoraResult_t result = {NULL};
    free(operator_context);
    return result;
}

OnEventResult_t dora_on_event(const RawEvent_t *event, const SendOutput_t *send_output, void *operator_context)
{
    OnEventResult_t result = {.status = DORA_STATUS_CONTINUE};
    int *plain_count = operator_context;
    if (event->input != NULL)
    {
        result.result = strcmp((const char *)event->input->id.ptr, "plain") == 0 ? relay_plain(event->input, send_output, (*plain_count)++)
                                                                                : relay_arrow(event->input, send_output);
    }
    else if (event->stop)
    {
        const int64_t *values = kept.buffers[1];
        char text[100];
        snprintf(text, sizeof text, "kept %lld, stopped: %.*s", (long long)values[2], (int)event->reason.len, (const char *)event->reason.ptr);
        result.result = dora_operator_log(send_output, 1, text);
        kept.release(&kept);
        kept_schema.release(&kept_schema);
    }
    return result;
}
