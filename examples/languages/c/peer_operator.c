// SPDX-License-Identifier: Apache-2.0
// The operator in C: sends all cases at its first event, and checks those of everybody.
#include <dora/operator_api.h>

#include "cases.h"

#define ME "c-operator"

typedef struct
{
    Book book;
    bool has_sent;
} State;

static bool write_bytes(void *state, uint8_t *data, size_t length)
{
    (void)state;
    write_pattern(data, length);
    return true;
}

static DoraResult_t send(const SendOutput_t *send_output, int number)
{
    DoraParameter_t place[PARAMETERS];
    const DoraParameters_t parameters = parameters_of(ME, number, place);
    struct ArrowArray array;
    struct ArrowSchema schema;
    if (make_array(case_names[number], &array, &schema))
        return dora_send_operator_arrow(send_output, "messages", &array, &schema, parameters);
    return dora_send_operator_output_in_place(send_output, "messages", byte_counts[number], write_bytes, NULL, parameters);
}

static DoraResult_t check_input(Book *book, const Input_t *input, char line[TEXT_LINE])
{
    DoraParameters_t parameters;
    Description received;
    DoraResult_t result = dora_read_input_parameters(input, &parameters);
    if (result.error != NULL)
        return result;
    if (input->is_arrow)
    {
        struct ArrowArray array;
        struct ArrowSchema schema;
        result = dora_read_input_arrow(input, &array, &schema);
        if (result.error != NULL)
            return result;
        received = describe_array(&array, &schema);
        array.release(&array);
        schema.release(&schema);
    }
    else
    {
        received = describe_bytes(input->data.ptr, input->data.len);
    }
    return check(book, (const char *)input->id.ptr, input->id.len, parameters, received, line) ? result : dora_error(line);
}

DoraInitResult_t dora_init_operator(void)
{
    State *state = take(1, sizeof *state);
    state->book.me = ME;
    DoraInitResult_t result = {.operator_context = state};
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
    State *state = operator_context;
    char line[TEXT_LINE] = "";
    for (int number = 0; !state->has_sent && number < CASES && result.result.error == NULL; number++)
        result.result = send(send_output, number);
    state->has_sent = true;
    if (result.result.error == NULL && event->input != NULL)
        result.result = check_input(&state->book, event->input, line);
    else if (event->input_closed.ptr != NULL && !close_peer(&state->book, (const char *)event->input_closed.ptr, event->input_closed.len, line))
        result.result = dora_error(line);
    if (result.result.error == NULL && line[0] != 0)
        result.result = dora_operator_log(send_output, 2, line);
    if (state->book.complete == PEERS)
        result.status = DORA_STATUS_STOP;
    return result;
}
