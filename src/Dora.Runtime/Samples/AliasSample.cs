// SPDX-License-Identifier: Apache-2.0

using Dora.Operators;
using Dora.Protocol;

namespace Dora.Runtime.Samples;

/// <summary>The memory of another sample with other parameters: what an operator forwards with metadata of its own.</summary>
internal sealed class AliasSample : OperatorSample
{
    private readonly OperatorSample _inner;
    private int _references = 1; // any thread, interlocked

    public AliasSample(OperatorSample inner, MetadataParameters parameters, ulong timestampNs)
    {
        inner.AddReference();
        _inner = inner;
        Parameters = parameters.IsReadOnly ? parameters : new MetadataParameters(parameters).Freeze();
        TimestampNs = timestampNs;
    }

    public override ReadOnlyMemory<byte> Data => _inner.Data;
    public override ulong TimestampNs { get; }
    public override MetadataParameters Parameters { get; }

    public override void AddReference() => Interlocked.Increment(ref _references);

    public override void Release()
    {
        if (Interlocked.Decrement(ref _references) == 0)
        {
            _inner.Release();
        }
    }
}
