// SPDX-License-Identifier: Apache-2.0

using Dora.Protocol;

namespace Dora.Operators;

/// <summary>Received data with a count of those who look at it; memory of another node, or of a sibling.</summary>
/// <remarks>Threads: counting is safe from any.</remarks>
internal abstract class OperatorSample
{
    public abstract ReadOnlyMemory<byte> Data { get; }
    public abstract ulong TimestampNs { get; }
    public abstract MetadataParameters Parameters { get; }

    /// <summary>The encoded metadata of an Arrow array, which says its type and where its buffers lie in the data; empty for plain bytes.</summary>
    public virtual ReadOnlyMemory<byte> ArrowMetadata => default;

    /// <summary>One more holder; whoever calls is one already.</summary>
    public abstract void AddReference();

    /// <summary>One holder less; the last one's call gives the memory back.</summary>
    public abstract void Release();
}
