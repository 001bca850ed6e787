// SPDX-License-Identifier: Apache-2.0
// Plays the runtime for an operator, so that both can run under sanitizers: operator_host LIBRARY.so MESSAGES [numbers]. What it lends is exactly as long
// as it says, and freed right after the call; what it is given it owns.
#include <dlfcn.h>
#include "check.h"
#include "dora/arrow.h"
#include "dora/operator_api.h"

typedef DoraInitResult_t init_function(void);
typedef DoraResult_t drop_function(void *context);
typedef OnEventResult_t event_function(const RawEvent_t *event, const SendOutput_t *send_output, void *context);

static int sent;

static void *function(void *library, const char *name)
{
    void *found = dlsym(library, name);
    CHECK(found != NULL);
    return found;
}

static Vec_uint8_t lend_bytes(const void *data, size_t length)
{
    Vec_uint8_t copy = {malloc(length), length, 0};
    CHECK(copy.ptr != NULL);
    memcpy(copy.ptr, data, length);
    return copy;
}

static Vec_uint8_t lend(const char *text)
{
    return lend_bytes(text, strlen(text));
}

static DoraResult_t send_bytes(void *env_ptr, const char *id, size_t id_length, const uint8_t *data, size_t length)
{
    CHECK(env_ptr == &sent);
    if (id_length == 10 && memcmp(id, "undeclared", 10) == 0)
        return dora_error("there is no output 'undeclared'");
    sent++;
    printf("%.*s: %.*s\n", (int)id_length, id, (int)length, (const char *)data);
    return (DoraResult_t){NULL};
}

static DoraResult_t call(void *env_ptr, Output_t output)
{
    DoraResult_t result = send_bytes(env_ptr, (const char *)output.id.ptr, output.id.len, output.data.ptr, output.data.len);
    free(output.id.ptr);
    free(output.data.ptr);
    return result;
}

static DoraResult_t send(DoraText_t id, const uint8_t *data, size_t length, DoraParameters_t parameters)
{
    for (size_t i = 0; i < parameters.len; i++)
        printf("%.*s of ", (int)parameters.ptr[i].key.len, parameters.ptr[i].key.ptr);
    return send_bytes(&sent, id.ptr, id.len, data, length);
}

static DoraResult_t send_in_place(
    DoraText_t id, size_t length, bool (*write)(void *state, uint8_t *data, size_t length), void *state, DoraParameters_t parameters)
{
    uint8_t *data = malloc(length);
    CHECK(data != NULL || length == 0);
    DoraResult_t result = write(state, data, length) ? send(id, data, length, parameters) : dora_error("nothing was written");
    free(data);
    return result;
}

static DoraResult_t send_arrow(DoraText_t id, struct ArrowArray *array, struct ArrowSchema *schema, DoraParameters_t parameters)
{
    (void)parameters;
    array->release(array);
    schema->release(schema);
    return send_bytes(&sent, id.ptr, id.len, (const uint8_t *)"an array", 8);
}

static DoraResult_t forward(DoraText_t id)
{
    return send_bytes(&sent, id.ptr, id.len, (const uint8_t *)"the input", 9);
}

static DoraResult_t read_parameters(DoraParameters_t *parameters)
{
    static const DoraParameter_t integer = {.key = {"integer", 7}, .kind = DORA_PARAMETER_INTEGER, .value.integer = 42};
    *parameters = (DoraParameters_t){&integer, 1};
    return (DoraResult_t){NULL};
}

static DoraResult_t read_arrow(struct ArrowArray *array, struct ArrowSchema *schema)
{
    (void)array, (void)schema;
    return dora_error("plain bytes only");
}

static DoraResult_t write_log(int level, DoraText_t message)
{
    printf("%d: %.*s\n", level, (int)message.len, message.ptr);
    return (DoraResult_t){NULL};
}

static DoraResult_t save_state(DoraText_t key, const uint8_t *value, size_t length)
{
    return send_bytes(&sent, key.ptr, key.len, value, length);
}

static DoraResult_t delete_state(DoraText_t key)
{
    return send_bytes(&sent, key.ptr, key.len, NULL, 0);
}

static DoraResult_t commit_state(void)
{
    return (DoraResult_t){NULL};
}

static const DoraOperatorApi_t api = {
    sizeof api, send, send_in_place, send_arrow, forward, read_parameters, read_arrow, write_log, save_state, delete_state, commit_state,
};

static void nothing(void *env_ptr)
{
    CHECK(env_ptr == &sent);
}

/* What the operator says; the runtime frees it. */
static int failed(DoraResult_t result)
{
    if (result.error == NULL)
        return 0;
    printf("failed: %.*s\n", (int)result.error->len, (const char *)result.error->ptr);
    dora_free_error(result);
    return 1;
}

int main(int argc, char **argv)
{
    CHECK(argc == 3 || argc == 4);
    void *library = dlopen(argv[1], RTLD_NOW);
    if (library == NULL)
    {
        fprintf(stderr, "%s\n", dlerror());
        return 1;
    }
    init_function *init = (init_function *)function(library, "dora_init_operator");
    drop_function *drop = (drop_function *)function(library, "dora_drop_operator");
    event_function *on_event = (event_function *)function(library, "dora_on_event");
    const SendOutput_t sender = {{&sent, call, nothing, nothing}, send_bytes, &api};

    const int messages = atoi(argv[2]);
    DoraInitResult_t instance = init();
    CHECK(!failed(instance.result));
    for (int i = 0; i < messages + 3; i++) // and: the input is closed, a node upstream failed, stop
    {
        char text[32];
        snprintf(text, sizeof text, "tick number %d", i);
        Input_t input = {
            .id = lend("message"),
            .data = argc == 4 ? lend_bytes(&i, sizeof i) : lend(text),
            .metadata = {lend("traceparent:00-0-0-01;")},
            .timestamp_ns = 1700000000123456789u,
            .api = &api,
        };
        RawEvent_t event = {0};
        if (i < messages)
            event.input = &input;
        else if (i == messages)
            event.input_closed = lend("message");
        else if (i == messages + 1)
            event.error = lend("node 'upstream' failed");
        else
            event.stop = true;
        OnEventResult_t result = on_event(&event, &sender, instance.operator_context);
        CHECK(result.status <= DORA_STATUS_STOP_ALL);
        free(input.id.ptr);
        free(input.data.ptr);
        free(input.metadata.open_telemetry_context.ptr);
        free(event.input_closed.ptr);
        free(event.error.ptr);
        if (failed(result.result)) // as the runtime does: another instance
        {
            CHECK(!failed(drop(instance.operator_context)));
            instance = init();
            CHECK(!failed(instance.result));
        }
    }
    CHECK(!failed(drop(instance.operator_context)));
    printf("%d outputs\n", sent);
    return 0;
}
