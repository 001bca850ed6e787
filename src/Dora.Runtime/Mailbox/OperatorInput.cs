// SPDX-License-Identifier: Apache-2.0

using Dora.Operators;

namespace Dora.Runtime.Mailbox;

/// <summary>One input of an operator: its queue, the queue's policy, and whether it is over. Scheduler thread only.</summary>
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

    /// <summary>Messages waiting.</summary>
    public int Count => _queue.Count;

    /// <summary>Whether the sender shall wait.</summary>
    public bool IsFull => IsLossless && _queue.Count >= Capacity;

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
    public bool IsCloseDue => CloseReason is not null && !IsCloseDelivered && _queue.Count == 0;

    /// <summary>Nothing more will come; what is queued still counts.</summary>
    public void Close(string reason) => CloseReason ??= reason;

    /// <summary>Puts a message in, and takes over one reference to it.</summary>
    /// <returns>Whether there is one message more than before, rather than a newer one instead of the oldest.</returns>
    /// <exception cref="InvalidOperationException">The queue is lossless and has reached <see cref="OverfullMax"/>.</exception>
    public bool Enqueue(OperatorSample sample)
    {
        if (IsLossless && _queue.Count >= OverfullMax)
        {
            sample.Release();
            throw new InvalidOperationException(
                $"{OverfullMax} messages wait on input '{Owner.Id}/{Name}', whose policy is to lose none: its sender sends faster than it can ever be served.");
        }

        Sent++;
        SentBytes += (ulong)sample.Data.Length;
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
    public long OldestStartNs => _queue.TryPeek(out var oldest) ? oldest.StartNs : 0;

    /// <summary>The oldest message, with the queue's reference to it; the caller says what became of it.</summary>
    public QueuedSample Dequeue() => _queue.Dequeue();

    /// <summary>The operator gets what was taken out.</summary>
    public void NoteReceived() => Received++;

    /// <summary>What was taken out was too late.</summary>
    public void NoteExpired() => Expired++;

    /// <summary>Forgets what is queued, for the end of its operator.</summary>
    public void Clear()
    {
        Lost += (ulong)_queue.Count;
        while (_queue.TryDequeue(out var queued))
        {
            queued.Sample.Release();
        }
    }
}

/// <summary>A message in a queue.</summary>
/// <param name="Sample">With the queue's reference to it.</param>
/// <param name="StartNs">What its deadline counts from, by the monotonic clock; 0 where there is none.</param>
internal readonly record struct QueuedSample(OperatorSample Sample, long StartNs);
