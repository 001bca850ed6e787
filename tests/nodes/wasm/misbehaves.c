/* SPDX-License-Identifier: Apache-2.0 */
/* Does what the first letter of a command says; answers "pong N", N being the commands that this instance has seen. */
#include <dora/wasm_operator.h>

static int seen;

__attribute__((noinline)) static int divide(int by)
{
    volatile int zero = by;
    return 10 / zero;
}

__attribute__((noinline)) static void spin(void)
{
    for (volatile int i = 0;; i++)
        ;
}

__attribute__((noinline)) static int devour(void)
{
    while (__builtin_wasm_memory_grow(0, 1) != (size_t)-1)
        ;
    __builtin_trap();
}

__attribute__((noinline)) static int recurse(int depth)
{
    volatile char frame[1000];
    frame[depth % 1000] = (char)depth;
    return depth > 1000000 ? 0 : recurse(depth + 1) + frame[(depth + 1) % 1000];
}

static int on_event(const dora_event *event)
{
    if (event->kind != DORA_EVENT_INPUT)
        return event->kind == DORA_EVENT_INPUT_CLOSED ? DORA_STATUS_STOP : DORA_STATUS_CONTINUE;
    seen++;
    switch (event->data_len > 0 ? event->data[0] : 0)
    {
        case 'd': return divide(0);
        case 'l': spin(); return 0;
        case 'g': return devour();
        case 'r': return recurse(0);
        case 'o': dora_send("answer", (const void *)(uintptr_t)0xFFFFFFF0u, 64); return 0;
        case 'm': dora_parameter_set("key", 3, 99, "x", 1); return 0;
        case 'n': dora_send("nowhere", "", 0); return 0;
        case 'e': return dora_fail("I give up");
        default: break;
    }
    char text[] = "pong 0";
    text[5] = (char)('0' + seen % 10);
    dora_log_message(DORA_LOG_INFO, "answering");
    dora_parameters_copy();
    dora_set_bool("wasm", true);
    dora_send("answer", text, sizeof text - 1);
    return DORA_STATUS_CONTINUE;
}

DORA_OPERATOR(on_event)
