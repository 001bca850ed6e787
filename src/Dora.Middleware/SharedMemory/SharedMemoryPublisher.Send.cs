// SPDX-License-Identifier: Apache-2.0

using Dora.SharedMemory;

namespace Dora.Middleware;

// Sending: from a loan, by copy, or within the cell.
public sealed partial class SharedMemoryPublisher
{
    /// <inheritdoc/>
    public override SendStatus TryCommit(
        ref Loan loan, int payloadLength, int metadataLength, ulong timestampNs, MessageFlags flags = MessageFlags.None)
    {
        loan.ThrowUnlessFrom(this);
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)payloadLength, (uint)loan.Payload.Length, nameof(payloadLength));
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)metadataLength, (uint)loan.Metadata.Length, nameof(metadataLength));
        var status = Commit(loan.Token, loan.Metadata.Length, payloadLength, metadataLength, timestampNs, flags);
        if (status is not SendStatus.BackPressured)
            loan.Clear();
        return status;
    }

    /// <inheritdoc/>
    public override SendStatus TrySend(
        ReadOnlySpan<byte> payload, ReadOnlySpan<byte> metadata, ulong timestampNs, MessageFlags flags = MessageFlags.None)
    {
        if (payload.Length + (long)metadata.Length <= EdgeMemory.InlineBytes)
            return SendInline(payload, metadata, timestampNs, flags);
        var status = CheckSizes(payload.Length, metadata.Length);
        if (status != SendStatus.Sent)
            return status;

        status = TryLendForCopy(payload.Length, metadata.Length, flags, out var token);
        if (status != SendStatus.Sent || token.Home is null)
            return status;
        var segment = ((PoolSegment)token.Home).Memory;
        metadata.CopyTo(segment.Bytes(token.Slot, SegmentLayout.SlotHeaderBytes, metadata.Length));
        SlotCopy.Copy(payload, segment.Bytes(token.Slot, SegmentLayout.PayloadOffset(metadata.Length), payload.Length)); // the one copy
        status = Commit(token, metadata.Length, payload.Length, metadata.Length, timestampNs, flags);
        if (status == SendStatus.BackPressured)
            ReturnLoan(token);
        return status;
    }

    /// <summary>Lends a slot for a copy, if the message can be sent at all: a sender that is held back would copy in vain, and one without
    /// subscribers too (then there is no token).</summary>
    private SendStatus TryLendForCopy(int payloadBytes, int metadataBytes, MessageFlags flags, out LoanToken token)
    {
        token = default;
        var bytes = SegmentLayout.SlotBytesFor(payloadBytes, metadataBytes);
        lock (_lock)
        {
            if (_isClosed)
                return SendStatus.Closed;
            if (MustWait(needsSlot: true, flags))
                return SendStatus.BackPressured;
            if (_edges.Length == 0)
            {
                _sequence++;
                return SendStatus.Sent;
            }

            if (TryLendUnderLock(bytes, anySize: false, out token))
                return SendStatus.Sent;
        }

        return GrowAndLend(bytes, out token);
    }

    private SendStatus SendInline(ReadOnlySpan<byte> payload, ReadOnlySpan<byte> metadata, ulong timestampNs, MessageFlags flags)
    {
        SendStatus status;
        lock (_lock)
        {
            if (_isClosed)
                return SendStatus.Closed;
            status = PublishInline(payload, metadata, timestampNs, flags);
        }

        ReportFaults();
        return status;
    }

    private SendStatus Commit(
        in LoanToken token, int metadataLent, int payloadLength, int metadataLength, ulong timestampNs, MessageFlags flags)
    {
        var segment = (PoolSegment)token.Home;
        var payloadOffset = SegmentLayout.PayloadOffset(metadataLent);
        var isLast = false;
        SendStatus status;
        lock (_lock)
        {
            ObjectDisposedException.ThrowIf(!segment.Book.IsLent(token.Slot, token.Generation), typeof(Loan));
            status = _isClosed ? SendStatus.Closed
                : payloadLength + metadataLength <= EdgeMemory.InlineBytes
                    ? PublishInline(
                        segment.Memory.Bytes(token.Slot, payloadOffset, payloadLength),
                        segment.Memory.Bytes(token.Slot, SegmentLayout.SlotHeaderBytes, metadataLength),
                        timestampNs,
                        flags)
                    : PublishSlot(token, (uint)payloadOffset, payloadLength, metadataLength, timestampNs, flags);
            if (status != SendStatus.BackPressured)
                isLast = EndLoan(segment, token.Slot);
        }

        if (isLast)
            Discard(segment);
        ReportFaults();
        return status;
    }

    private SendStatus PublishInline(ReadOnlySpan<byte> payload, ReadOnlySpan<byte> metadata, ulong timestampNs, MessageFlags flags)
    {
        var cell = new EdgeCell
        {
            TimestampNs = timestampNs,
            Slot = EdgeLayout.InlineSlot,
            PayloadLength = (ulong)payload.Length,
            MetadataLength = (uint)metadata.Length,
            Flags = (uint)flags,
        };
        Span<byte> inline = cell.Inline;
        metadata.CopyTo(inline);
        payload.CopyTo(inline[metadata.Length..]);
        return PublishToAll(ref cell, segment: null, flags);
    }

    private SendStatus PublishSlot(
        in LoanToken token, uint payloadOffset, int payloadLength, int metadataLength, ulong timestampNs, MessageFlags flags)
    {
        var segment = (PoolSegment)token.Home;
        segment.Memory.WriteHeader(token.Slot, new SlotHeader
        {
            Generation = token.Generation,
            PayloadOffset = payloadOffset,
            PayloadLength = (ulong)payloadLength,
            MetadataLength = (uint)metadataLength,
        });
        var cell = new EdgeCell
        {
            TimestampNs = timestampNs,
            Segment = segment.Memory.Id,
            Slot = (uint)token.Slot,
            PayloadLength = (ulong)payloadLength,
            MetadataLength = (uint)metadataLength,
            Generation = token.Generation,
            Flags = (uint)flags,
            PayloadOffset = payloadOffset,
        };
        return PublishToAll(ref cell, segment, flags);
    }

    /// <summary>The all-or-nothing step. Queues first, bells second, so that all subscribers can start before the first system call.</summary>
    private SendStatus PublishToAll(ref EdgeCell cell, PoolSegment? segment, MessageFlags flags)
    {
        if (MustWait(needsSlot: segment is not null, flags))
            return SendStatus.BackPressured;
        cell.Sequence = ++_sequence;
        var isCorrelated = (flags & MessageFlags.Correlated) != 0;
        var hasFault = false;
        foreach (var edge in _edges)
        {
            edge.Publish(cell, segment, isCorrelated, _pool);
            hasFault |= edge.Fault is not null;
        }

        EdgeSender.FenceBeforeBells();
        foreach (var edge in _edges)
            edge.RingAfterFence();
        if (hasFault)
            RemoveFaultyEdges();
        return SendStatus.Sent;
    }

    private bool MustWait(bool needsSlot, MessageFlags flags)
    {
        var isCorrelated = (flags & MessageFlags.Correlated) != 0;
        foreach (var edge in _edges)
        {
            if (!edge.MustWait(needsSlot, isCorrelated, _pool))
                continue;
            _wasSlotNeeded = needsSlot;
            return true;
        }

        return false;
    }
}
