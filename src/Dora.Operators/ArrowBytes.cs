// SPDX-License-Identifier: Apache-2.0

using Apache.Arrow;
using Dora.Protocol;

namespace Dora.Operators;

/// <summary>What events and retained samples have in common about Arrow.</summary>
internal static class ArrowBytes
{
    /// <summary>Plain bytes as the array that they are.</summary>
    public static UInt8Array Over(ReadOnlyMemory<byte> data) => new(new ArrowBuffer(data), ArrowBuffer.Empty, data.Length, nullCount: 0, offset: 0);

    /// <summary>The array, if it is of the type that the program expects.</summary>
    /// <exception cref="ArrowTypeException">It is of another.</exception>
    public static TArray Expect<TArray>(IArrowArray array)
        where TArray : class, IArrowArray =>
        array as TArray ?? throw new ArrowTypeException(
            $"The message is an array of {array.Data.DataType.Name}, which is a {array.GetType().Name}; the operator expects a {typeof(TArray).Name}.");
}

/// <summary>A received Arrow array is of another type than the operator expects.</summary>
public sealed class ArrowTypeException : DoraException
{
    internal ArrowTypeException(string message)
        : base(message)
    {
    }
}
