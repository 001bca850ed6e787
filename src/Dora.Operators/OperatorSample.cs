// SPDX-License-Identifier: Apache-2.0

using Apache.Arrow;
using Dora.Protocol;

namespace Dora.Operators;

/// <summary>Received data with a count of those who look at it; memory of another node, or of a sibling.</summary>
/// <remarks>Threads: counting is safe from any.</remarks>
internal abstract class OperatorSample
{
    public abstract ReadOnlyMemory<byte> Data { get; }
    public abstract ulong TimestampNs { get; }
    public abstract MetadataParameters Parameters { get; }

    /// <summary>Whether it is a typed Arrow array rather than plain bytes.</summary>
    public virtual bool IsTyped => false;

    /// <summary>The encoded metadata of a typed array, which says its type and where its buffers lie in the data; empty for plain bytes.</summary>
    public virtual ReadOnlyMemory<byte> ArrowMetadata => default;

    /// <summary>The array over <see cref="Data"/>, as valid as the sample; plain bytes are a UInt8 array.</summary>
    /// <exception cref="DoraException">Its description is broken.</exception>
    public virtual IArrowArray AsArrow() => ArrowBytes.Over(Data);

    /// <summary>One more holder; whoever calls is one already.</summary>
    public abstract void AddReference();

    /// <summary>One holder less; the last one's call gives the memory back.</summary>
    public abstract void Release();
}
