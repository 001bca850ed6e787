// SPDX-License-Identifier: Apache-2.0

using System.Buffers;
using Apache.Arrow;
using Dora.Nodes.Arrow;
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
    private byte[] _encoded = []; // of an Arrow array: its metadata as it travels; empty: plain bytes
    private int _encodedLength;
    private uint _generation; // counts uses, so that a stale array is recognised
    private int _references; // any thread, interlocked

    public override ReadOnlyMemory<byte> Data => _buffer.AsMemory(0, _length);
    public override ulong TimestampNs => _timestampNs;
    public override MetadataParameters Parameters => _parameters;

    /// <summary>To be filled by the one who rented it, before anybody else sees it.</summary>
    public Span<byte> Writable => _buffer.AsSpan(0, _length);

    public override bool IsTyped => _encodedLength > 0;

    public override ReadOnlyMemory<byte> ArrowMetadata => _encoded.AsMemory(0, _encodedLength);

    /// <summary>Metadata with the layout of the array, when <see cref="IsTyped"/>.</summary>
    public ReadOnlySpan<byte> Encoded => _encoded.AsSpan(0, _encodedLength);

    public override IArrowArray AsArrow() => ArrowReader.Read(new SampleMemory(this, _generation).Memory, Encoded);

    /// <summary>Room for <see cref="Encoded"/>; <see cref="EndMetadata"/> says how much of it was written. Before anybody else sees the sample.</summary>
    public Span<byte> BeginMetadata(int bytesMax) => _encoded = ArrayPool<byte>.Shared.Rent(bytesMax);

    public void EndMetadata(int bytes) => _encodedLength = bytes;

    /// <summary>The payload, if this use of the object is the one that an array is over.</summary>
    public Span<byte> Use(uint generation)
    {
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _generation) != generation, typeof(OperatorSample));
        return Writable;
    }

    public override void AddReference() => Interlocked.Increment(ref _references);

    public override void Release()
    {
        if (Interlocked.Decrement(ref _references) > 0)
        {
            return;
        }

        Volatile.Write(ref _generation, _generation + 1);
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
        if (_encoded.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_encoded);
            _encoded = [];
            _encodedLength = 0;
        }

        _length = 0;
        _parameters = MetadataParameters.Empty;
        pool.Return(this);
    }

    internal void Start(int length, ulong timestampNs, MetadataParameters? parameters)
    {
        _buffer = ArrayPool<byte>.Shared.Rent(length);
        _length = length;
        _timestampNs = timestampNs;
        _parameters = parameters is null ? MetadataParameters.Empty
            : parameters.IsReadOnly ? parameters
            : new MetadataParameters(parameters).Freeze(); // the sender may go on changing its own
        _references = 1;
    }
}
