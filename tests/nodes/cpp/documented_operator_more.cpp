// SPDX-License-Identifier: Apache-2.0
// A second file of that operator: the header may be included more than once.
#include "documented_operator.h"

unsigned documented_operator_counter(const Operator &op)
{
    return op.counter;
}
