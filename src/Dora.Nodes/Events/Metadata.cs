// SPDX-License-Identifier: Apache-2.0

using Dora.Protocol;

namespace Dora.Nodes;

/// <summary>What came with a message beside its payload. As valid as the event it is from.</summary>
public readonly struct Metadata : IEquatable<Metadata>
{
    private readonly InputEvent? _owner;
    private readonly uint _generation;

    internal Metadata(InputEvent owner, uint generation)
    {
        _owner = owner;
        _generation = generation;
    }

    /// <summary>When the message was sent: the sender's hybrid logical clock, nanoseconds since 1970 UTC.</summary>
    public ulong TimestampNs => Owner.Use(_generation).TimestampNs;

    /// <summary>When the message was sent, to 100 ns.</summary>
    public DateTimeOffset Timestamp => UnixTime.FromNs(TimestampNs);

    /// <summary>The parameters; none: an empty collection. Read-only; may be kept for ever.</summary>
    /// <remarks>Decoded at first use, which allocates. To forward them unseen, pass the whole metadata to a send: that does not.</remarks>
    /// <exception cref="ProtocolException">The sender wrote something that is not metadata.</exception>
    public MetadataParameters Parameters => Owner.Parameters(_generation);

    /// <summary>As it was sent; empty when there is none.</summary>
    internal ReadOnlySpan<byte> Encoded => Owner.EncodedMetadata(_generation);

    private InputEvent Owner => _owner ?? throw new ObjectDisposedException(nameof(Metadata), "The metadata is of no event.");

    /// <inheritdoc/>
    public bool Equals(Metadata other) => ReferenceEquals(_owner, other._owner) && _generation == other._generation;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Metadata other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(_owner, _generation);

    /// <summary>Metadata of the same event.</summary>
    public static bool operator ==(Metadata left, Metadata right) => left.Equals(right);

    /// <summary>Metadata of different events.</summary>
    public static bool operator !=(Metadata left, Metadata right) => !left.Equals(right);
}
