// SPDX-License-Identifier: Apache-2.0
// What a parameter of a message can be; for nodes (metadata.hpp) and operators (op_metadata.hpp).
#ifndef DORA_PARAMETER_HPP
#define DORA_PARAMETER_HPP

#include <chrono>

#include "dora/parameter_kind.h"

namespace dora
{
/// Nanoseconds since 1970 UTC, by dora's hybrid logical clock.
using time_point = std::chrono::time_point<std::chrono::system_clock, std::chrono::nanoseconds>;

enum class parameter_kind
{
    none = DORA_PARAMETER_NONE,
    boolean = DORA_PARAMETER_BOOL,
    integer = DORA_PARAMETER_INTEGER,
    floating = DORA_PARAMETER_FLOAT,
    string = DORA_PARAMETER_STRING,
    integers = DORA_PARAMETER_INTEGERS,
    floats = DORA_PARAMETER_FLOATS,
    strings = DORA_PARAMETER_STRINGS,
    timestamp = DORA_PARAMETER_TIMESTAMP
};
} // namespace dora

#endif
