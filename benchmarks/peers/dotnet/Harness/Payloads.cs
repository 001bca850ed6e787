// SPDX-License-Identifier: Apache-2.0

using System.Numerics;
using System.Runtime.InteropServices;

namespace Dora.Peers.Harness;

/// <summary>The bytes that are sent and the checks of what arrives.</summary>
internal sealed class Payloads
{
    private readonly ulong _sum;
    private readonly int _sizeBytes;
    private readonly bool _touch;

    public Payloads(PeerOptions options)
    {
        _sizeBytes = options.SizeBytes;
        _touch = options.Touch;
        // Pinned: the sockets then never pin it anew. Both processes make the same bytes.
        var bytes = GC.AllocateUninitializedArray<byte>(options.SizeBytes, pinned: true);
        new Random(20).NextBytes(bytes);
        Source = bytes;
        _sum = Sum(bytes);
    }

    /// <summary>What every data frame carries.</summary>
    public ReadOnlyMemory<byte> Source { get; }

    /// <summary>Checks sequence and length, with <c>--fill touch</c> every byte too.</summary>
    /// <exception cref="InvalidDataException">A message was lost, repeated, cut or damaged.</exception>
    public void Check(in Frame frame, long expectedSequence)
    {
        if (frame.Header.Sequence != expectedSequence)
            throw new InvalidDataException($"message {frame.Header.Sequence} came instead of {expectedSequence}");
        if (frame.Header.LengthBytes != _sizeBytes || frame.Payload.Length != _sizeBytes)
            throw new InvalidDataException($"message {expectedSequence} has {frame.Payload.Length} bytes instead of {_sizeBytes}");
        if (_touch)
            CheckBytes(frame);
    }

    /// <summary>Reads every byte and compares the 64-bit sum.</summary>
    public void CheckBytes(in Frame frame)
    {
        ulong sum = 0;
        if (frame.Payload.IsSingleSegment)
        {
            sum = Sum(frame.Payload.FirstSpan);
        }
        else
        {
            // Words straddle segments: sum bytes at their places in the word instead.
            int place = 0;
            foreach (var segment in frame.Payload)
            {
                var span = segment.Span;
                int head = Math.Min((8 - place) & 7, span.Length);
                for (int i = 0; i < head; i++)
                    sum += (ulong)span[i] << (8 * (place + i));
                place = (place + head) & 7;
                var rest = span[head..];
                sum += Sum(rest);
                place = (place + rest.Length) & 7;
            }
        }

        if (sum != _sum)
            throw new InvalidDataException($"message {frame.Header.Sequence} arrived damaged");
    }

    // Little-endian words, the tail zero-extended: equal to adding each byte shifted by 8 * (index mod 8).
    private static ulong Sum(ReadOnlySpan<byte> bytes)
    {
        var words = MemoryMarshal.Cast<byte, ulong>(bytes);
        var vectors = MemoryMarshal.Cast<ulong, Vector<ulong>>(words);
        var sums = Vector<ulong>.Zero;
        foreach (var vector in vectors)
            sums += vector;
        ulong sum = Vector.Sum(sums);
        foreach (ulong word in words[(vectors.Length * Vector<ulong>.Count)..])
            sum += word;
        var tail = bytes[(words.Length * 8)..];
        for (int i = 0; i < tail.Length; i++)
            sum += (ulong)tail[i] << (8 * i);
        return sum;
    }
}
