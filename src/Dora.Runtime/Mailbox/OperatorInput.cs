// SPDX-License-Identifier: Apache-2.0

using System.Collections.Concurrent;
using Dora.Operators;
using Dora.Runtime.Port;

namespace Dora.Runtime.Mailbox;

/// <summary>One input of an operator: its queue, the queue's policy, and whether it is over. Scheduler thread only, but for what says otherwise.</summary>
/// <remarks>
/// <para>From another node, the real queue is the edge in shared memory; here lies at most one message, and the edge is paused
/// meanwhile. So <c>queue_size</c> and drops are counted there.</para>
/// <para>From a sibling, this is the queue. <c>drop_oldest</c> never holds more than <see cref="Capacity"/>. <c>backpressure</c> loses
/// nothing: the sender gets no further event while the queue is full, but what a single event sends always finds room, up to
/// <see cref="OverfullMax"/> messages.</para>
/// </remarks>
internal sealed class OperatorInput(string name, OperatorCell owner, int capacity, bool isLossless)
{
    /// <summary>A lossless queue that long means that one event sends without end, or that a cycle multiplies messages.</summary>
    public const int OverfullMax = 65_536;

    private readonly Queue<QueuedSample> _queue = new();
    private ConcurrentQueue<QueuedSample>? _shared; // instead, where the sender runs on another loop
    private int _sharedCount;                       // messages in it; both loops
    private readonly Lock _dropLock = new();        // held while one is put in or taken out where the oldest may give way: a leaf

    public string Name { get; } = name;
    public OperatorCell Owner { get; } = owner;
    public int Capacity { get; } = capacity;

    /// <summary>Whether the sender waits rather than lose a message.</summary>
    public bool IsLossless { get; } = isLossless;

    /// <summary>The sibling that sends here; null when another node does.</summary>
    public OperatorCell? Producer { get; init; }

    /// <summary><c>operator/input</c>, when another node sends here.</summary>
    public string? NodeInputId { get; init; }

    /// <summary>Node from which the messages come, for restart events.</summary>
    public string? SourceNode { get; init; }

    /// <summary>Its place in the operator's join, where its messages wait then; -1: the operator gets them singly.</summary>
    public int JoinPlace { get; init; } = -1;

    /// <summary>Whether its sender waits for room in the join.</summary>
    public bool HoldsSender { get; set; }

    /// <summary>Messages waiting.</summary>
    public int Count => JoinPlace < 0 || IsShared ? Queued : Owner.Join!.WaitingIn(JoinPlace);

    /// <summary>Whether the sender shall wait.</summary>
    public bool IsFull => IsLossless && Count >= Capacity;

    /// <summary>Whether the sender runs on another loop than the owner.</summary>
    public bool IsShared => _shared is not null;

    /// <summary>Messages that were put in the queue.</summary>
    public ulong Sent { get; private set; }

    /// <summary>Payload bytes of those.</summary>
    public ulong SentBytes { get; private set; }

    /// <summary>Messages that the operator got.</summary>
    public ulong Received { get; private set; }

    /// <summary>Messages that gave way to newer ones.</summary>
    public ulong Dropped { get; private set; }

    /// <summary>Messages that were too late already when the operator's turn came.</summary>
    public ulong Expired { get; private set; }

    /// <summary>Messages that waited when the operator ended.</summary>
    public ulong Lost { get; private set; }

    /// <summary>Why nothing more will come; null: it may.</summary>
    public string? CloseReason { get; private set; }

    /// <summary>Whether the operator knows that the input is over.</summary>
    public bool IsCloseDelivered { get; set; }

    /// <summary>Whether the operator is to be told now that the input is over.</summary>
    public bool IsCloseDue => CloseReason is not null && !IsCloseDelivered && Queued == 0 && (JoinPlace < 0 || !Owner.Join!.HoldsBack(JoinPlace));

    /// <summary>Makes the queue one between two loops. Before anything runs.</summary>
    public void Share() => _shared = new ConcurrentQueue<QueuedSample>();

    /// <summary>Puts a message in a shared queue, and takes over one reference to it. The sender's loop.</summary>
    /// <param name="sample">The message.</param>
    /// <param name="hasFilled">Whether the queue is lossless and became full by it.</param>
    /// <returns>Whether there is one message more than before, which the owner's loop is to be told.</returns>
    /// <remarks>
    /// Any change of the count across the capacity is seen by exactly one side, because it is one atomic number: the sender counts itself as
    /// waiting when it fills the queue, and is told by <see cref="PortEventKind.Room"/> when the owner makes room.
    /// </remarks>
    /// <exception cref="InvalidOperationException">The queue is lossless and has reached <see cref="OverfullMax"/>.</exception>
    public bool HandOver(OperatorSample sample, out bool hasFilled)
    {
        hasFilled = false;
        RefuseOverfull(sample);
        Sent++;
        SentBytes += (ulong)sample.Data.Length;
        var message = new QueuedSample(sample, Owner.Timing?.StartOf(sample.TimestampNs, isFromNode: false) ?? 0);
        if (IsLossless)
        {
            _shared!.Enqueue(message);
            hasFilled = Interlocked.Increment(ref _sharedCount) == Capacity;
            return true;
        }

        QueuedSample oldest;
        lock (_dropLock) // else the owner could take the oldest meanwhile, and the newest would give way
        {
            _shared!.Enqueue(message);
            if (_sharedCount < Capacity)
            {
                Volatile.Write(ref _sharedCount, _sharedCount + 1);
                return true;
            }

            _shared.TryDequeue(out oldest);
        }

        Dropped++;
        oldest.Sample.Release();
        return false;
    }

    /// <summary>Nothing more will come; what is queued still counts.</summary>
    public void Close(string reason)
    {
        CloseReason ??= reason;
        CloseJoinIfDrained();
    }

    /// <summary>Moves what another loop handed over into the join, as far as there is room. The owner's loop.</summary>
    public void MoveIntoJoin()
    {
        var moved = false;
        while (Owner.Join!.HasRoom(JoinPlace) && TryDequeue(out var message))
        {
            moved = true;
            Received++; // what becomes of it is the join's account
            Owner.Join.Offer(JoinPlace, message.Sample, isFromNode: false);
        }

        if (moved)
        {
            CloseJoinIfDrained();
        }
    }

    /// <summary>Puts a message in, and takes over one reference to it.</summary>
    /// <returns>Whether the queue has one message more than before, rather than a newer one instead of the oldest, or one that went into the join.</returns>
    /// <exception cref="InvalidOperationException">The queue is lossless and has reached <see cref="OverfullMax"/>.</exception>
    public bool Enqueue(OperatorSample sample)
    {
        RefuseOverfull(sample);
        Sent++;
        SentBytes += (ulong)sample.Data.Length;
        if (JoinPlace >= 0)
        {
            Received++; // what becomes of it is the join's account
            Owner.Join!.Offer(JoinPlace, sample, NodeInputId is not null);
            return false;
        }

        var dropsOldest = !IsLossless && _queue.Count >= Capacity;
        if (dropsOldest)
        {
            Dropped++;
            _queue.Dequeue().Sample.Release();
        }

        _queue.Enqueue(new QueuedSample(sample, Owner.Timing?.StartOf(sample.TimestampNs, NodeInputId is not null) ?? 0));
        return !dropsOldest;
    }

    /// <summary>When the oldest message arrived, for an operator with a deadline.</summary>
    public long OldestStartNs => (_shared is { } shared ? shared.TryPeek(out var oldest) : _queue.TryPeek(out oldest)) ? oldest.StartNs : 0;

    /// <summary>The oldest message, with the queue's reference to it; the caller says what became of it.</summary>
    public bool TryDequeue(out QueuedSample message)
    {
        if (_shared is not { } shared)
        {
            return _queue.TryDequeue(out message);
        }

        if (!IsLossless)
        {
            lock (_dropLock)
            {
                if (!shared.TryDequeue(out message))
                {
                    return false;
                }

                Volatile.Write(ref _sharedCount, _sharedCount - 1);
                return true;
            }
        }

        if (!shared.TryDequeue(out message))
        {
            return false;
        }

        if (Interlocked.Decrement(ref _sharedCount) == Capacity - 1)
        {
            Producer!.Loop!.Post(new PortEvent(PortEventKind.Room, Sibling: this));
        }

        return true;
    }

    /// <summary>Gives a message back that came after the end of the owner.</summary>
    public void DropOne()
    {
        if (TryDequeue(out var message))
        {
            message.Sample.Release();
        }
    }

    /// <summary>The operator gets what was taken out.</summary>
    public void NoteReceived() => Received++;

    /// <summary>What was taken out was too late.</summary>
    public void NoteExpired() => Expired++;

    /// <summary>Forgets what is queued, for the end of its operator.</summary>
    public void Clear()
    {
        while (TryDequeue(out var queued))
        {
            Lost++;
            queued.Sample.Release();
        }
    }

    private int Queued => IsShared ? Volatile.Read(ref _sharedCount) : _queue.Count;

    private void CloseJoinIfDrained()
    {
        if (JoinPlace >= 0 && CloseReason is not null && Queued == 0)
        {
            Owner.Join!.Close(JoinPlace);
        }
    }

    private void RefuseOverfull(OperatorSample sample)
    {
        if (IsLossless && Count >= OverfullMax)
        {
            sample.Release();
            throw new InvalidOperationException(
                $"{OverfullMax} messages wait on input '{Owner.Id}/{Name}', whose policy is to lose none: its sender sends faster than it can ever be served.");
        }
    }
}

/// <summary>A message in a queue.</summary>
/// <param name="Sample">With the queue's reference to it.</param>
/// <param name="StartNs">What its deadline counts from, by the monotonic clock; 0 where there is none.</param>
internal readonly record struct QueuedSample(OperatorSample Sample, long StartNs);
