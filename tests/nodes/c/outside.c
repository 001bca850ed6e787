// SPDX-License-Identifier: Apache-2.0
// No dora started this process: that is said, in both forms.
#include "check.h"
#include "dora/node_api.h"

int main(void)
{
    dora_node_t *node = (dora_node_t *)1;
    CHECK(dora_last_error()[0] == 0);
    CHECK(dora_version()[0] != 0);
    CHECK(dora_node_init(&node) == DORA_ERROR_NOT_CONNECTED && node == NULL);
    puts(dora_last_error());
    CHECK(init_dora_context_from_env() == NULL); // says it on standard error
    return 0;
}
