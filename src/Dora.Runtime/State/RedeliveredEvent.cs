// SPDX-License-Identifier: Apache-2.0

using System.Buffers.Binary;
using System.Text;
using Apache.Arrow;
using Dora.Nodes.Arrow;
using Dora.Operators;
using Dora.Protocol;

namespace Dora.Runtime.State;

/// <summary>A message that an instance failed with, to be given to the next one.</summary>
/// <param name="Input">The operator's input.</param>
/// <param name="Sample">The message, copied.</param>
/// <param name="WasRedelivered">Whether it had been given a second time already, when it was stored.</param>
internal sealed record RedeliveredEvent(string Input, StoredSample Sample, bool WasRedelivered = false)
{
    private const int HeadBytes = 24;

    /// <summary>head {u64 stamp, u32 flags, u32 input, u32 metadata, u32 checksum of all that follows}, input, metadata, payload.</summary>
    public static byte[] Encode(string input, OperatorSample sample)
    {
        var name = Encoding.UTF8.GetBytes(input);
        var metadata = sample is StoredSample stored ? stored.Metadata : StoredSample.MetadataOf(sample);
        var bytes = new byte[HeadBytes + name.Length + metadata.Length + sample.Data.Length];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, sample.TimestampNs);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(8), sample is StoredSample ? 1 : 0);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(12), name.Length);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(16), metadata.Length);
        name.CopyTo(bytes, HeadBytes);
        metadata.Span.CopyTo(bytes.AsSpan(HeadBytes + name.Length));
        sample.Data.Span.CopyTo(bytes.AsSpan(HeadBytes + name.Length + metadata.Length));
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(20), StateRecords.Checksum(bytes.AsSpan(0, 20), bytes.AsSpan(HeadBytes)));
        return bytes;
    }

    /// <summary>Null: it is not what was written.</summary>
    public static RedeliveredEvent? Decode(ReadOnlyMemory<byte> bytes)
    {
        if (bytes.Length < HeadBytes)
        {
            return null;
        }

        var span = bytes.Span;
        var nameLength = BinaryPrimitives.ReadInt32LittleEndian(span[12..]);
        var metadataLength = BinaryPrimitives.ReadInt32LittleEndian(span[16..]);
        if (nameLength < 0 || metadataLength < 0 || (long)HeadBytes + nameLength + metadataLength > bytes.Length
            || BinaryPrimitives.ReadUInt32LittleEndian(span[20..]) != StateRecords.Checksum(span[..20], span[HeadBytes..]))
        {
            return null;
        }

        var sample = new StoredSample(
            bytes[(HeadBytes + nameLength + metadataLength)..],
            bytes.Slice(HeadBytes + nameLength, metadataLength),
            BinaryPrimitives.ReadUInt64LittleEndian(span));
        return new RedeliveredEvent(Encoding.UTF8.GetString(span.Slice(HeadBytes, nameLength)), sample, BinaryPrimitives.ReadInt32LittleEndian(span[8..]) != 0);
    }
}

/// <summary>A message in memory of its own, with <c>redelivered: true</c> among its parameters.</summary>
internal sealed class StoredSample : OperatorSample
{
    public StoredSample(ReadOnlyMemory<byte> data, ReadOnlyMemory<byte> metadata, ulong timestampNs)
    {
        (Data, Metadata, TimestampNs) = (data, metadata, timestampNs);
        var parameters = new MetadataParameters(MetadataParameters.FromEncoded(metadata));
        parameters.Remove(WellKnownParameters.Redelivered);
        parameters.Add(WellKnownParameters.Redelivered, true);
        Parameters = parameters.Freeze();
        var reader = new MetadataReader(metadata.Span);
        IsTyped = reader.TryGetArrow(out _);
    }

    /// <summary>As it came.</summary>
    public ReadOnlyMemory<byte> Metadata { get; }

    public override ReadOnlyMemory<byte> Data { get; }
    public override ulong TimestampNs { get; }
    public override MetadataParameters Parameters { get; }
    public override bool IsTyped { get; }
    public override ReadOnlyMemory<byte> ArrowMetadata => IsTyped ? Metadata : default;

    /// <summary>What is kept of a sample beside its payload: its parameters, and its layout if it has one.</summary>
    public static ReadOnlyMemory<byte> MetadataOf(OperatorSample sample) => sample.IsTyped ? sample.ArrowMetadata.ToArray() : sample.Parameters.ToEncoded();

    public static StoredSample CopyOf(OperatorSample sample) => new(sample.Data.ToArray(), MetadataOf(sample), sample.TimestampNs);

    public override IArrowArray AsArrow() => IsTyped ? ArrowReader.Read(Data, Metadata.Span) : base.AsArrow();

    public override void AddReference()
    {
    }

    public override void Release()
    {
    }
}
