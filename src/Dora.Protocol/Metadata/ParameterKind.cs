// SPDX-License-Identifier: Apache-2.0

namespace Dora.Protocol;

/// <summary>Types of parameter values; the numbers are the field numbers of metadata.proto.</summary>
public enum ParameterKind
{
    /// <summary>No value, or one of a kind that this version does not know.</summary>
    None = 0,

    /// <summary>True or false.</summary>
    Bool = 2,

    /// <summary>64-bit signed.</summary>
    Integer = 3,

    /// <summary>64-bit IEEE.</summary>
    Float = 4,

    /// <summary>UTF-8 text.</summary>
    String = 5,

    /// <summary>List of <see cref="Integer"/>.</summary>
    Integers = 6,

    /// <summary>List of <see cref="Float"/>.</summary>
    Floats = 7,

    /// <summary>List of <see cref="String"/>.</summary>
    Strings = 8,

    /// <summary>Nanoseconds since 1970 UTC.</summary>
    Timestamp = 9,
}
