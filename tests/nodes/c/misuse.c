// SPDX-License-Identifier: Apache-2.0
// Everything that one can do wrong is an error with a text, and nothing else. The node's input is its own output.
#include <pthread.h>
#include "check.h"
#include "dora/node_api.h"

static int said(const char *part)
{
    return strstr(dora_last_error(), part) != NULL;
}

static void handles(dora_node_t *node)
{
    long on_the_stack = 0;
    dora_event_t *event;
    dora_metadata_t *metadata;
    uint64_t number;
    void *strange[] = {NULL, &on_the_stack, (void *)0xdeadbeef, (void *)~(uintptr_t)0, (void *)1};
    for (size_t i = 0; i < sizeof strange / sizeof *strange; i++)
    {
        CHECK(dora_node_next_event(strange[i], 0, &event) == DORA_ERROR_INVALID_HANDLE && event == NULL);
        CHECK(dora_node_send(strange[i], TEXT("loop"), NULL, 0, NULL) == DORA_ERROR_INVALID_HANDLE);
        CHECK(dora_node_free(strange[i]) == DORA_ERROR_INVALID_HANDLE);
        CHECK(dora_event_type(strange[i]) == DORA_ERROR_INVALID_HANDLE);
        CHECK(dora_event_timestamp(strange[i], &number) == DORA_ERROR_INVALID_HANDLE);
        CHECK(dora_event_free(strange[i]) == DORA_ERROR_INVALID_HANDLE);
        CHECK(dora_loan_send(strange[i], 0, NULL) == DORA_ERROR_INVALID_HANDLE);
        CHECK(dora_loan_discard(strange[i]) == DORA_ERROR_INVALID_HANDLE);
        CHECK(dora_metadata_free(strange[i]) == DORA_ERROR_INVALID_HANDLE);
        if (strange[i] != NULL) // NULL: without
            CHECK(dora_node_send(node, TEXT("loop"), NULL, 0, strange[i]) == DORA_ERROR_INVALID_HANDLE);
    }
    CHECK(dora_node_free(NULL) != DORA_OK && said("NULL"));

    // One kind is not another, and what was freed stays freed, also when its place is used again.
    CHECK(dora_metadata_new(&metadata) == DORA_OK);
    CHECK(dora_event_type((dora_event_t *)metadata) == DORA_ERROR_INVALID_HANDLE);
    CHECK(dora_metadata_free((dora_metadata_t *)node) == DORA_ERROR_INVALID_HANDLE);
    CHECK(dora_metadata_free(metadata) == DORA_OK);
    CHECK(dora_metadata_free(metadata) == DORA_ERROR_INVALID_HANDLE && said("freed"));
    dora_metadata_t *next;
    CHECK(dora_metadata_new(&next) == DORA_OK && next != metadata);
    CHECK(dora_metadata_set_bool(metadata, TEXT("key"), 1) == DORA_ERROR_INVALID_HANDLE);
    CHECK(dora_metadata_free(next) == DORA_OK);
}

static void arguments(dora_node_t *node)
{
    CHECK(dora_node_init(NULL) == DORA_ERROR_INVALID_ARGUMENT);
    CHECK(dora_node_next_event(node, 0, NULL) == DORA_ERROR_INVALID_ARGUMENT);
    CHECK(dora_node_send(node, TEXT("lop"), "x", 1, NULL) == DORA_ERROR_UNKNOWN_OUTPUT && said("lop") && said("loop"));
    CHECK(dora_node_send(node, NULL, 4, "x", 1, NULL) == DORA_ERROR_INVALID_ARGUMENT);
    CHECK(dora_node_send(node, TEXT("loop"), NULL, 5, NULL) == DORA_ERROR_INVALID_ARGUMENT);
    CHECK(dora_node_send(node, TEXT("loop"), "x", SIZE_MAX, NULL) == DORA_ERROR_TOO_LARGE);
    CHECK(dora_node_loan(node, TEXT("loop"), 10, 0, NULL, NULL) == DORA_ERROR_INVALID_ARGUMENT);
    CHECK(dora_node_send_arrow(node, TEXT("loop"), NULL, NULL, NULL) == DORA_ERROR_INVALID_ARGUMENT);
    CHECK(dora_node_log(node, 17, TEXT("hello"), NULL, 0) == DORA_ERROR_INVALID_ARGUMENT && said("17"));

    // One process is one node.
    dora_node_t *second;
    CHECK(dora_node_init(&second) < 0 && second == NULL && dora_last_error()[0] != 0);
    CHECK(init_dora_context_from_env() == NULL);
}

static void loans_and_events(dora_node_t *node)
{
    dora_loan_t *loan, *kept;
    dora_event_t *event;
    uint8_t *data;
    const uint8_t *received;
    size_t length;
    CHECK(dora_node_loan(node, TEXT("loop"), 100, 0, &loan, &data) == DORA_OK);
    CHECK(dora_loan_send(loan, 101, NULL) == DORA_ERROR_INVALID_ARGUMENT && said("101"));
    CHECK(dora_node_loan(node, TEXT("loop"), 100, 0, &kept, &data) == DORA_OK);
    CHECK(dora_loan_send(loan, 0, NULL) == DORA_OK);
    CHECK(dora_loan_send(loan, 0, NULL) == DORA_ERROR_INVALID_HANDLE);
    CHECK(dora_loan_discard(loan) == DORA_ERROR_INVALID_HANDLE);

    // The queue holds one message, and loses none: the loan stays good until there is room.
    CHECK(dora_node_try_send(node, TEXT("loop"), "x", 1, NULL) == DORA_BACK_PRESSURED);
    memcpy(data, "room", 4);
    CHECK(dora_loan_try_send(kept, 4, NULL) == DORA_BACK_PRESSURED);
    CHECK(dora_node_next_event(node, DORA_FOREVER, &event) == DORA_OK && dora_event_type(event) == DORA_EVENT_INPUT);
    CHECK(dora_event_free(event) == DORA_OK);
    CHECK(dora_loan_try_send(kept, 4, NULL) == DORA_OK);
    CHECK(dora_node_next_event(node, DORA_FOREVER, &event) == DORA_OK);
    CHECK(dora_event_data(event, &received, &length) == DORA_OK && is_text((const char *)received, length, "room"));

    CHECK(dora_event_free(event) == DORA_OK);
    CHECK(dora_event_free(event) == DORA_ERROR_INVALID_HANDLE);
    CHECK(dora_event_data(event, &received, &length) == DORA_ERROR_INVALID_HANDLE);
    CHECK(dora_node_forward(node, TEXT("loop"), event) == DORA_ERROR_INVALID_HANDLE);
    CHECK(dora_event_type(event) == DORA_ERROR_INVALID_HANDLE);
}

static void documented_form(dora_node_t *node)
{
    char *data = (char *)1, word[] = "loop";
    size_t length = 1;
    read_dora_input_id(NULL, &data, &length);
    CHECK(data == NULL && length == 0);
    data = (char *)1;
    length = 1;
    read_dora_input_data((void *)0xdeadbeef, &data, &length);
    CHECK(data == NULL && length == 0);
    CHECK(read_dora_input_timestamp(NULL) == 0);
    CHECK(read_dora_event_type(NULL) == DoraEventType_Unknown);
    CHECK(dora_next_event(NULL) == NULL);
    CHECK(dora_send_output(NULL, word, 4, word, 4) == -1);
    CHECK(dora_send_output(node, word, 3, word, 4) == -1);
    CHECK(dora_log(node, word, 4, word, 4) == -1 && said("loop"));
    free_dora_event(NULL);
    free_dora_context(NULL);
    free_dora_event((void *)0xdeadbeef);
    free_dora_context((void *)0xdeadbeef);
}

static void *receive(void *node)
{
    dora_event_t *event;
    dora_status status;
    do
        status = dora_node_next_event(node, DORA_FOREVER, &event);
    while (status == DORA_ERROR_BUSY); // the other thread was quicker
    CHECK(status == DORA_ENDED);
    return NULL;
}

static void threads(dora_node_t *node)
{
    pthread_t receiver;
    dora_event_t *event;
    dora_status status;
    CHECK(pthread_create(&receiver, NULL, receive, node) == 0);
    do
        status = dora_node_next_event(node, 0, &event);
    while (status == DORA_TIMEOUT); // it does not wait yet
    CHECK(status == DORA_ERROR_BUSY);
    CHECK(dora_node_free(node) == DORA_OK); // ends its waiting
    CHECK(pthread_join(receiver, NULL) == 0);
    CHECK(dora_node_free(node) == DORA_ERROR_INVALID_HANDLE);
    CHECK(dora_node_next_event(node, 0, &event) == DORA_ERROR_INVALID_HANDLE);
}

int main(void)
{
    dora_node_t *node;
    CHECK(dora_node_init(&node) == DORA_OK);
    handles(node);
    arguments(node);
    loans_and_events(node);
    documented_form(node);
    threads(node);
    printf("every mistake is an error\n");
    return 0;
}
