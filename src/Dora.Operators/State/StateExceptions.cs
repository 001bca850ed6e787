// SPDX-License-Identifier: Apache-2.0

using Dora.Protocol;

namespace Dora.Operators;

/// <summary>The state of an operator has no room for a value. Nothing has changed; deleting other keys makes room.</summary>
public sealed class StateSizeException(string key, long neededBytes, long sizeBytesMax)
    : DoraException($"the state has no room for '{key}': it would have {neededBytes} bytes, and 'max_size' is {sizeBytesMax}")
{
    /// <summary>What was to be saved.</summary>
    public string Key { get; } = key;

    /// <summary>Bytes that the state would have.</summary>
    public long NeededBytes { get; } = neededBytes;

    /// <summary>Bytes that it may have.</summary>
    public long SizeBytesMax { get; } = sizeBytesMax;
}

/// <summary>A saved value is not of the type that the operator reads it as; perhaps an older program saved it.</summary>
public sealed class StateFormatException(string key, string problem, Exception? inner = null)
    : DoraException($"the state's '{key}' cannot be read: {problem}", inner)
{
    /// <summary>Which.</summary>
    public string Key { get; } = key;
}
