// SPDX-License-Identifier: Apache-2.0

using System.Numerics;
using System.Runtime.InteropServices;

namespace Dora.Latency.Nodes;

/// <summary>The bytes that all nodes send.</summary>
internal static class MessageBytes
{
    /// <summary>The same for each size, and nowhere zero pages that nobody has written.</summary>
    public static byte[] Create(int size)
    {
        var bytes = new byte[size];
        new Random(size).NextBytes(bytes);
        return bytes;
    }

    /// <summary>A message of another length ends the warm-up; looking at the length costs next to nothing.</summary>
    public static int MarkerLength(int size) => size == 1 ? 2 : 1;

    /// <summary>Reads every byte: the sum of all 64-bit words, and of the bytes left over.</summary>
    public static ulong Sum(ReadOnlySpan<byte> bytes)
    {
        var vectors = MemoryMarshal.Cast<byte, Vector<ulong>>(bytes);
        var (a, b, c, d) = (Vector<ulong>.Zero, Vector<ulong>.Zero, Vector<ulong>.Zero, Vector<ulong>.Zero);
        var i = 0;
        for (; i <= vectors.Length - 4; i += 4)
        {
            a += vectors[i];
            b += vectors[i + 1];
            c += vectors[i + 2];
            d += vectors[i + 3];
        }

        for (; i < vectors.Length; i++)
            a += vectors[i];
        var sum = Vector.Sum(a + b + c + d);
        var rest = bytes[(vectors.Length * Vector<byte>.Count)..];
        foreach (var word in MemoryMarshal.Cast<byte, ulong>(rest))
            sum += word;
        foreach (var last in rest[(rest.Length & ~7)..])
            sum += last;
        return sum;
    }
}
