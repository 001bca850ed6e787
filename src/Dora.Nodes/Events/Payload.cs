// SPDX-License-Identifier: Apache-2.0

using Apache.Arrow;
using Dora.Nodes.Arrow;

namespace Dora.Nodes;

/// <summary>The bytes of a received message, in place. As valid as the event it is from: a stale copy throws.</summary>
/// <remarks>
/// <para>The memory is mapped read-only: whoever casts the <c>readonly</c> away and writes ends this process, and harms nobody else.</para>
/// <para>Spans that were taken before the event was given back are not watched; do not keep them.</para>
/// </remarks>
public readonly struct Payload : IEquatable<Payload>
{
    private readonly InputEvent? _owner;
    private readonly uint _generation;

    internal Payload(InputEvent owner, uint generation)
    {
        _owner = owner;
        _generation = generation;
    }

    /// <summary>Bytes.</summary>
    public int Length => Span.Length;

    /// <summary>Whether there are no bytes, as in a timer tick.</summary>
    public bool IsEmpty => Length == 0;

    /// <summary>The bytes. Of an Arrow array: its buffers, one after the other.</summary>
    public ReadOnlySpan<byte> Span => Owner.Use(_generation).Payload;

    /// <summary>The bytes as memory, for APIs that need it. Allocates nothing; not watched once it has been taken.</summary>
    public ReadOnlyMemory<byte> Memory => Owner.Use(_generation).PayloadMemory;

    /// <summary>Whether the sender sent a typed Arrow array rather than plain bytes.</summary>
    public bool IsTyped => ArrowReader.IsTyped(Owner.EncodedMetadata(_generation));

    private InputEvent Owner => _owner ?? throw new ObjectDisposedException(nameof(Payload), "The payload is of no event.");

    /// <summary>The Arrow array that was sent, over the same memory: nothing is copied. Plain bytes are a UInt8 array.</summary>
    /// <remarks>
    /// The array, its slices and everything read from it are as valid as the event: afterwards reading throws
    /// <see cref="ObjectDisposedException"/>. <see cref="InputEvent.Retain"/> the event to keep an array. Disposing the array has no effect.
    /// </remarks>
    /// <exception cref="ArrowDataException">The description of the array is broken.</exception>
    public IArrowArray AsArrow() => ArrowReader.Read(Owner, _generation);

    /// <summary>The Arrow array that was sent, if it is of the type that the program expects.</summary>
    /// <inheritdoc cref="AsArrow()" path="/remarks"/>
    /// <exception cref="ArrowDataException">It is of another type, or its description is broken.</exception>
    public TArray AsArrow<TArray>()
        where TArray : class, IArrowArray
    {
        var array = AsArrow();
        return array as TArray ?? throw new ArrowDataException(
            $"it is an array of {array.Data.DataType.Name}, which is a {array.GetType().Name}; the program expects a {typeof(TArray).Name}");
    }

    /// <summary>A copy that outlives the event.</summary>
    public byte[] ToArray() => Span.ToArray();

    /// <summary>The bytes, so that a payload can be given where a span is expected.</summary>
    public static implicit operator ReadOnlySpan<byte>(Payload payload) => payload.Span;

    /// <inheritdoc/>
    public bool Equals(Payload other) => ReferenceEquals(_owner, other._owner) && _generation == other._generation;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Payload other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(_owner, _generation);

    /// <summary>The payload of the same event.</summary>
    public static bool operator ==(Payload left, Payload right) => left.Equals(right);

    /// <summary>Payloads of different events.</summary>
    public static bool operator !=(Payload left, Payload right) => !left.Equals(right);
}
