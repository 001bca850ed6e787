// SPDX-License-Identifier: Apache-2.0

using System.Buffers;
using Dora.Middleware;
using Dora.Nodes.Arrow;
using Dora.Protocol;

namespace Dora.Nodes.Sending;

/// <summary>Writes a message's metadata without allocating.</summary>
internal static class MetadataEncoder
{
    /// <summary>Memory from the shared pool, of at least so many bytes. Dispose it.</summary>
    public static RentedBytes Rent(int bytes) => new(ArrayPool<byte>.Shared.Rent(bytes));

    /// <summary>Encodes the parameters, and after them the Arrow layout. Returns their length.</summary>
    /// <exception cref="ArgumentException">There is not enough room.</exception>
    public static int WriteTo(Span<byte> destination, MetadataParameters? parameters, ArrowWriter? arrow = null)
    {
        var writer = new MetadataWriter(destination);
        if (!(parameters?.TryWriteTo(ref writer) ?? true) || !(arrow?.WriteMetadata(ref writer) ?? true))
        {
            throw new ArgumentException(
                $"The metadata needs more than the {destination.Length} bytes reserved for it; ask for more when you take the loan.");
        }

        return writer.Length;
    }

    /// <summary>Copies the parameters of received metadata, without its Arrow layout. Returns their length.</summary>
    /// <param name="received">Encoded; what is malformed ends the copy.</param>
    /// <param name="destination">At least as long.</param>
    /// <param name="flags">How the message wants to be treated.</param>
    public static int CopyParameters(ReadOnlySpan<byte> received, Span<byte> destination, out MessageFlags flags)
    {
        flags = MessageFlags.None;
        var writer = new MetadataWriter(destination);
        for (var reader = new MetadataReader(received); reader.TryRead(out var parameter) && writer.TryAdd(in parameter);)
            flags |= FlagsOf(parameter);
        return writer.Length;
    }

    /// <summary>How a message with this received metadata wants to be treated.</summary>
    public static MessageFlags FlagsOf(ReadOnlySpan<byte> received)
    {
        var flags = MessageFlags.None;
        for (var reader = new MetadataReader(received); reader.TryRead(out var parameter);)
            flags |= FlagsOf(parameter);
        return flags;
    }

    /// <summary>How the message wants to be treated.</summary>
    public static MessageFlags FlagsOf(MetadataParameters? parameters) =>
        parameters is { Count: > 0 }
        && (parameters.ContainsKey(WellKnownParameters.RequestId) || parameters.ContainsKey(WellKnownParameters.GoalId))
            ? MessageFlags.Correlated
            : MessageFlags.None;

    private static MessageFlags FlagsOf(in MetadataParameter parameter) =>
        parameter.Key.SequenceEqual("request_id"u8) || parameter.Key.SequenceEqual("goal_id"u8) ? MessageFlags.Correlated : MessageFlags.None;
}

/// <summary>An array of the shared pool, until it is disposed.</summary>
internal readonly struct RentedBytes(byte[] array) : IDisposable
{
    /// <summary>All of it; may be longer than asked for.</summary>
    public Span<byte> Span => array;

    public void Dispose() => ArrayPool<byte>.Shared.Return(array);
}
