// SPDX-License-Identifier: Apache-2.0
// Sends to itself on four outputs, and waits for the inputs that it chooses; the rest stays in its order.
#include "check.h"

static const char *const names[] = {"b", "a"};

static void send(dora_node_t *node, const char *output, const char *text)
{
    CHECK(dora_node_send(node, output, strlen(output), text, strlen(text), NULL) == DORA_OK);
}

/* Checks a message, and frees it. */
static void check_message(dora_event_t *input, const char *id, const char *text)
{
    const char *name;
    const uint8_t *data;
    size_t length;
    CHECK(dora_event_type(input) == DORA_EVENT_INPUT);
    CHECK(dora_event_id(input, &name, &length) == DORA_OK && is_text(name, length, id));
    CHECK(dora_event_data(input, &data, &length) == DORA_OK && is_text((const char *)data, length, text));
    CHECK(dora_event_free(input) == DORA_OK);
}

/* Checks what wait_all gave, and frees it. */
static void check_set(dora_event_t *set, const char *b, const char *a)
{
    const char *message;
    size_t length;
    dora_event_t *input;
    CHECK(dora_event_type(set) == DORA_EVENT_JOINED);
    CHECK(dora_event_message(set, &message, &length) == DORA_OK && is_text(message, length, "complete"));
    CHECK(dora_event_joined(set, 0, &input) == DORA_OK); // in the order of the names
    check_message(input, "b", b);
    CHECK(dora_event_joined(set, 1, &input) == DORA_OK);
    CHECK(dora_event_free(set) == DORA_OK);
    check_message(input, "a", a); // outlives the set
}

static void wrong(dora_node_t *node)
{
    static const char *const nobody[] = {"a", "nobody"}, *const twice[] = {"a", "a"}, *const missing[] = {"a", NULL};
    const size_t endless[] = {SIZE_MAX, 1};
    dora_event_t *event = (dora_event_t *)&event;
    CHECK(dora_node_wait_any(NULL, names, NULL, 2, 0, &event) == DORA_ERROR_INVALID_HANDLE && event == NULL);
    CHECK(dora_node_wait_any(node, names, NULL, 2, 0, NULL) == DORA_ERROR_INVALID_ARGUMENT);
    CHECK(dora_node_wait_any(node, NULL, NULL, 2, 0, &event) == DORA_ERROR_INVALID_ARGUMENT);
    CHECK(dora_node_wait_any(node, names, NULL, 0, 0, &event) == DORA_ERROR_INVALID_ARGUMENT);
    CHECK(dora_node_wait_all(node, names, NULL, SIZE_MAX, 0, &event) == DORA_ERROR_INVALID_ARGUMENT);
    CHECK(dora_node_wait_all(node, names, endless, 2, 0, &event) < 0);
    CHECK(dora_node_wait_all(node, missing, NULL, 2, 0, &event) == DORA_ERROR_INVALID_ARGUMENT);
    CHECK(dora_node_wait_all(node, twice, NULL, 2, 0, &event) == DORA_ERROR_INVALID_ARGUMENT && strstr(dora_last_error(), "twice"));
    CHECK(dora_node_wait_any(node, nobody, NULL, 2, 0, &event) == DORA_ERROR_INVALID_ARGUMENT);
    CHECK(strstr(dora_last_error(), "nobody") && strstr(dora_last_error(), "'extra'") && event == NULL);
}

int main(void)
{
    static const char *const beyond[] = {"bX", "aX"}, *const extra[] = {"extra"}, *const silent[] = {"b", "never"};
    const size_t lengths[] = {1, 1};
    dora_node_t *node;
    dora_event_t *event;
    CHECK(dora_node_init(&node) == DORA_OK);
    wrong(node);
    send(node, "extra", "e1");
    send(node, "a", "a1");
    CHECK(dora_node_wait_all(node, names, NULL, 2, 0, &event) == DORA_TIMEOUT && event == NULL); // nothing was taken
    send(node, "b", "b1");
    send(node, "extra", "e2");
    CHECK(dora_node_wait_all(node, names, NULL, 2, DORA_FOREVER, &event) == DORA_OK);
    check_set(event, "b1", "a1");
    CHECK(dora_node_wait_any(node, names, NULL, 2, 1000000, &event) == DORA_TIMEOUT && event == NULL);

    send(node, "a", "a2");
    send(node, "a", "a3");
    send(node, "b", "b2");
    CHECK(dora_node_wait_any(node, extra, NULL, 1, DORA_FOREVER, &event) == DORA_OK);
    check_message(event, "extra", "e1");
    CHECK(dora_node_wait_any(node, names + 1, NULL, 1, DORA_FOREVER, &event) == DORA_OK);
    check_message(event, "a", "a2");
    CHECK(dora_node_wait_all(node, beyond, lengths, 2, DORA_FOREVER, &event) == DORA_OK); // with lengths, no NUL is looked for
    check_set(event, "b2", "a3");
    CHECK(dora_node_wait_all(node, silent, NULL, 2, 0, &event) == DORA_TIMEOUT);

    CHECK(dora_node_close_output(node, TEXT("a")) == DORA_OK);
    CHECK(dora_node_wait_all(node, names, NULL, 2, DORA_FOREVER, &event) == DORA_CLOSED && event == NULL);
    send(node, "b", "b3");
    CHECK(dora_node_wait_any(node, names, NULL, 2, DORA_FOREVER, &event) == DORA_OK);
    check_message(event, "b", "b3");
    CHECK(dora_node_close_output(node, TEXT("b")) == DORA_OK);
    CHECK(dora_node_wait_any(node, names, NULL, 2, DORA_FOREVER, &event) == DORA_CLOSED);

    CHECK(dora_node_wait_any(node, extra, NULL, 1, DORA_FOREVER, &event) == DORA_OK);
    check_message(event, "extra", "e2");
    int closed = 0;
    while (closed < 2) // the waits left these for who asks what came
    {
        CHECK(dora_node_next_event(node, DORA_FOREVER, &event) == DORA_OK);
        CHECK(dora_event_type(event) == DORA_EVENT_INPUT_CLOSED);
        closed++;
        CHECK(dora_event_free(event) == DORA_OK);
    }
    CHECK(dora_node_close_output(node, NULL, 0) == DORA_OK);
    while (dora_node_next_event(node, DORA_FOREVER, &event) == DORA_OK)
        CHECK(dora_event_free(event) == DORA_OK);
    CHECK(dora_node_wait_any(node, extra, NULL, 1, DORA_FOREVER, &event) == DORA_ENDED && event == NULL);
    CHECK(dora_node_free(node) == DORA_OK);
    puts("inputs are chosen");
    return 0;
}
