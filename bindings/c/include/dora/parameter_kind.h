/* SPDX-License-Identifier: Apache-2.0 */
/* What a parameter of a message can be; for nodes (dora.h) and operators (operator_types.h). */
#ifndef DORA_PARAMETER_KIND_H
#define DORA_PARAMETER_KIND_H

typedef enum dora_parameter_kind
{
    DORA_PARAMETER_NONE = 0, /* there is none of this name */
    DORA_PARAMETER_BOOL = 1,
    DORA_PARAMETER_INTEGER = 2,
    DORA_PARAMETER_FLOAT = 3,
    DORA_PARAMETER_STRING = 4,
    DORA_PARAMETER_INTEGERS = 5,
    DORA_PARAMETER_FLOATS = 6,
    DORA_PARAMETER_STRINGS = 7,
    DORA_PARAMETER_TIMESTAMP = 8
} dora_parameter_kind;

#endif
