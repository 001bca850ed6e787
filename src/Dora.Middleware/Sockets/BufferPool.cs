// SPDX-License-Identifier: Apache-2.0

using System.Numerics;

namespace Dora.Middleware;

/// <summary>Buffers by power-of-two size, within a bound. Not thread-safe: its owner's lock guards it.</summary>
internal sealed class BufferPool(long bytesMax)
{
    private const int SmallestLog2 = 8;

    private readonly Stack<PooledBuffer>?[] _free = new Stack<PooledBuffer>?[32];
    private long _bytesUsed;

    /// <summary>A buffer for a message, or null at the bound.</summary>
    internal PooledBuffer? TryRent(long payloadBytes, int metadataBytes)
    {
        var capacity = CapacityClass(PooledBuffer.CapacityFor(payloadBytes, metadataBytes));
        var free = _free[BitOperations.Log2((uint)capacity)] ??= new Stack<PooledBuffer>();
        if (!free.TryPop(out var buffer))
        {
            if (_bytesUsed + capacity > bytesMax)
                DropIdle();
            if (_bytesUsed + capacity > bytesMax)
                return null;
            buffer = new PooledBuffer(capacity);
            _bytesUsed += capacity;
        }

        buffer.Prepare((int)payloadBytes, metadataBytes);
        return buffer;
    }

    internal void Return(PooledBuffer buffer) => _free[BitOperations.Log2((uint)buffer.Capacity)]!.Push(buffer);

    /// <summary>Whether a message could ever get a buffer.</summary>
    internal bool Fits(long payloadBytes, int metadataBytes) =>
        CapacityClass(PooledBuffer.CapacityFor(payloadBytes, metadataBytes)) <= bytesMax;

    private static int CapacityClass(long bytes)
    {
        var size = BitOperations.RoundUpToPowerOf2((ulong)Math.Max(bytes, 1 << SmallestLog2));
        return (int)Math.Min(size, (ulong)Array.MaxLength); // the last class is not quite a power of two
    }

    private void DropIdle()
    {
        foreach (var stack in _free)
        {
            while (stack is not null && stack.TryPop(out var buffer))
                _bytesUsed -= buffer.Capacity;
        }
    }
}
