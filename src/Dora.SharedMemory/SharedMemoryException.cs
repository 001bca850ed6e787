// SPDX-License-Identifier: Apache-2.0

namespace Dora.SharedMemory;

/// <summary>Root of what this layer throws; only at set-up, never per message.</summary>
public abstract class SharedMemoryException : Exception
{
    private protected SharedMemoryException(string message, Exception? inner = null)
        : base(message, inner)
    {
    }
}

/// <summary>The machine (or this process's memory group) has not enough memory or descriptors left.</summary>
public sealed class SharedMemoryExhaustedException : SharedMemoryException
{
    internal SharedMemoryExhaustedException(string what, long bytes, Exception inner)
        : base($"no memory for {what} of {bytes} bytes: {inner.Message}", inner) => Bytes = bytes;

    /// <summary>How much was asked for.</summary>
    public long Bytes { get; }
}

/// <summary>Memory that came from a peer is not what it claims to be.</summary>
public sealed class SharedMemoryFormatException : SharedMemoryException
{
    internal SharedMemoryFormatException(string message)
        : base(message)
    {
    }
}
