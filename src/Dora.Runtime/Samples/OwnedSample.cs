// SPDX-License-Identifier: Apache-2.0

using System.Buffers;
using Dora.Operators;
using Dora.Protocol;

namespace Dora.Runtime.Samples;

/// <summary>Data that an operator of this runtime wrote, shared by reference among the siblings that receive it.</summary>
internal sealed class OwnedSample(SamplePool pool) : OperatorSample
{
    private byte[] _buffer = [];
    private int _length;
    private ulong _timestampNs;
    private MetadataParameters _parameters = MetadataParameters.Empty;
    private ReadOnlyMemory<byte> _arrowMetadata;
    private int _references; // any thread, interlocked

    public override ReadOnlyMemory<byte> Data => _buffer.AsMemory(0, _length);
    public override ulong TimestampNs => _timestampNs;
    public override MetadataParameters Parameters => _parameters;

    public override ReadOnlyMemory<byte> ArrowMetadata => _arrowMetadata;

    /// <summary>To be filled by the one who rented it, before anybody else sees it.</summary>
    public Span<byte> Writable => _buffer.AsSpan(0, _length);

    public override void AddReference() => Interlocked.Increment(ref _references);

    public override void Release()
    {
        if (Interlocked.Decrement(ref _references) > 0)
        {
            return;
        }

        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
        _length = 0;
        _parameters = MetadataParameters.Empty;
        _arrowMetadata = default;
        pool.Return(this);
    }

    internal void Start(int length, ulong timestampNs, MetadataParameters? parameters, ReadOnlyMemory<byte> arrowMetadata)
    {
        _arrowMetadata = arrowMetadata;
        _buffer = ArrayPool<byte>.Shared.Rent(length);
        _length = length;
        _timestampNs = timestampNs;
        _parameters = parameters is null ? MetadataParameters.Empty
            : parameters.IsReadOnly ? parameters
            : new MetadataParameters(parameters).Freeze(); // the sender may go on changing its own
        _references = 1;
    }
}
