// SPDX-License-Identifier: Apache-2.0

using Dora.Middleware;
using Dora.Platform.Memory;
using Dora.SharedMemory;
using Microsoft.Win32.SafeHandles;

namespace Dora.SimulationTests.Rings;

/// <summary>Publishers that send a few messages to one subscriber, each on an edge of its own, all with one doorbell.</summary>
/// <remarks>Rings, doorbell, back pressure and <see cref="DoorbellWait"/> are the real code. What a publisher and a subscription do around
/// them is written out here in the order of <c>SharedMemoryPublisher</c> and <c>SharedMemorySubscription</c>.</remarks>
internal sealed unsafe class RingScenario : IScenario, IDisposable
{
    private const int DoorbellRegion = 0;
    private const int SegmentRegion = 1;
    private const int FirstEdgeRegion = 2;

    private readonly SafeFileHandle[] _edges;
    private readonly SafeFileHandle _doorbellMemory = DoorbellMemory.Create();
    private readonly SafeFileHandle _segmentMemory;
    private readonly Edge[] _running;
    private readonly EdgeHeader _header;
    private ModelDoorbell _doorbell = null!;

    internal RingScenario(int queueSize, int messages, OverflowPolicy policy = OverflowPolicy.DropOldest, int publishers = 1, int slots = 0, int returnCapacity = 0)
    {
        (QueueSize, Messages, Policy, Slots) = (queueSize, messages, policy, slots);
        _header = EdgeLayout.HeaderFor(queueSize);
        if (returnCapacity > 0)
            _header.ReturnCapacity = (uint)returnCapacity; // smaller than the format allows, so that a few messages exhaust it
        _edges = [.. Enumerable.Range(0, publishers).Select(_ => EdgeMemory.Create(queueSize))];
        _segmentMemory = SegmentMemory.Create(SegmentLayout.PageBytes, Math.Max(1, slots));
        _running = new Edge[publishers];
        Names = [.. Enumerable.Range(1, publishers).Select(i => publishers == 1 ? "publisher" : $"publisher {i}"), "subscriber"];
    }

    public string[] Names { get; }

    internal int QueueSize { get; }

    internal int Messages { get; }

    internal OverflowPolicy Policy { get; }

    internal int Slots { get; }

    /// <summary>Messages that are in the queue before anybody runs.</summary>
    internal int SentBefore { get; init; }

    /// <summary>The subscriber has taken those and begins by returning the first; it keeps the others to the end.</summary>
    internal bool IsHolding { get; init; }

    /// <summary>The subscriber asks whether there is something before it takes, as subscriptions do: the same two loads once more.</summary>
    internal bool LooksFirst { get; init; }

    /// <summary>The subscriber goes by the notes at its doorbell. Otherwise they are there from the start and stay.</summary>
    internal bool UsesNotes { get; init; }

    /// <summary>The subscriber looks so many times instead of sleeping: shorter runs, for what has nothing to do with waking.</summary>
    internal int Looks { get; init; }

    public Action[] SetUp(Explorer explorer)
    {
        var places = explorer.Places;
        var doorbell = MemoryMapping.Map(_doorbellMemory, DoorbellLayout.TotalBytes, writable: true);
        places.Add(doorbell, DoorbellRegion);
        places.Name(DoorbellRegion, DoorbellLayout.Sequence, "Sequence");
        places.Name(DoorbellRegion, DoorbellLayout.Sleeping, "Sleeping");
        places.Name(DoorbellRegion, DoorbellLayout.Pending, "Pending");
        _doorbell = new ModelDoorbell(new MappedDoorbell<ModelMemory>(doorbell));
        if (!UsesNotes)
            ModelMemory.Or((ulong*)(doorbell.Address + DoorbellLayout.Pending), ulong.MaxValue);
        for (var i = 0; i < _running.Length; i++)
            _running[i] = new Edge(this, places, i, _edges[i]);

        for (var n = 1; n <= SentBefore; n++)
            _running[0].Send(n);
        if (IsHolding)
            _running[0].Hold(SentBefore);
        return
        [
            .. _running.Select(edge => (Action)(() =>
            {
                ModelThread.Current.IsRinger = true;
                for (var n = SentBefore + 1; n <= Messages; n++)
                    edge.Send(n);
            })),
            () =>
            {
                ModelThread.Current.IsRinger = false;
                if (IsHolding)
                    _running[0].ReturnHeld(1);
                if (Looks > 0)
                    Poll();
                else
                    Receive();
            },
        ];
    }

    public void Check()
    {
        foreach (var edge in _running)
            edge.Check();
    }

    public void TearDown()
    {
        foreach (var edge in _running)
            edge.Dispose();
        _doorbell.Dispose();
    }

    public void Dispose()
    {
        foreach (var fd in _edges)
            fd.Dispose();
        _doorbellMemory.Dispose();
        _segmentMemory.Dispose();
    }

    private void Receive()
    {
        while (Array.Exists(_running, edge => !edge.HasAll))
        {
            using var wait = new DoorbellWait(_doorbell, Timeout.InfiniteTimeSpan);
            do
            {
                if (Array.Exists(_running, edge => UsesNotes ? edge.TryTakeIfNoted(_doorbell.Bell) : edge.TryTake()))
                    break;
            }
            while (wait.Next());
        }
    }

    private void Poll()
    {
        // What is left is taken after everybody has ended (see Check).
        for (var look = 0; look < Looks; look++)
            _running[0].TryTake();
    }

    /// <summary>One edge with both its ends.</summary>
    private sealed class Edge : IDisposable
    {
        private const int TimestampOf = 1000;

        private readonly RingScenario _scenario;
        private readonly SlotPool _pool = new();
        private readonly EdgeSender<ModelMemory> _sender;
        private readonly EdgeReceiver<ModelMemory> _receiver;
        private readonly ReceivedSample _sample = new();
        private readonly WritableSegment? _memory;
        private readonly PoolSegment? _segment;
        private readonly List<ulong> _received = [];
        private readonly Queue<ReceivedSample> _held = [];
        private ulong _last;
        private bool _isInLine;

        internal Edge(RingScenario scenario, Places places, int number, SafeFileHandle fd)
        {
            _scenario = scenario;
            var region = FirstEdgeRegion + number;
            var mine = MemoryMapping.Map(fd, MemFd.GetLength(fd), writable: true);
            var theirs = MemoryMapping.Map(fd, MemFd.GetLength(fd), writable: true);
            var bell = MemoryMapping.Map(scenario._doorbellMemory, DoorbellLayout.TotalBytes, writable: true);
            places.Add(mine, region);
            places.Add(theirs, region);
            places.Add(bell, DoorbellRegion);
            Name(places, region, scenario._header);
            _sender = new EdgeSender<ModelMemory>(
                (uint)number, scenario._header, mine, new MappedDoorbell<ModelMemory>(bell), mayDrop: scenario.Policy == OverflowPolicy.DropOldest)
            {
                Index = _pool.AddEdge(),
            };
            _receiver = new EdgeReceiver<ModelMemory>(scenario._header, theirs);
            if (scenario.Slots == 0)
                return;
            _memory = WritableSegment.Map(1, scenario._segmentMemory);
            _segment = new PoolSegment(_memory, edgeCapacity: 1);
            _pool.Add(_segment);
            _receiver.AddSegment(1, scenario._segmentMemory);
            var bytes = SegmentLayout.PageBytes * (long)scenario.Slots;
            fixed (byte* start = _memory.Bytes(0, 0, 1))
                places.Add((nint)start, bytes, SegmentRegion);
            places.Add((nint)_receiver.Segments[0].SlotAddress(0), bytes, SegmentRegion);
            for (var slot = 0; slot < scenario.Slots; slot++)
            {
                places.Name(SegmentRegion, slot * SegmentLayout.PageBytes, $"Generation{slot}");
                places.Name(SegmentRegion, (slot * SegmentLayout.PageBytes) + SegmentLayout.SlotHeaderBytes, $"Payload{slot}");
            }
        }

        internal bool HasAll => _last == (ulong)_scenario.Messages;

        public void Dispose()
        {
            // Unmapping needs no memory model: nobody runs any more.
            ModelThread.Current.LastStored = null;
            _sender.Dispose();
            _receiver.Dispose();
            _memory?.Dispose();
        }

        /// <summary>As SharedMemoryPublisher does it: lend, write, wait if that must be, publish, fence, ring.</summary>
        internal void Send(int number)
        {
            var cell = new EdgeCell { Sequence = (ulong)number, TimestampNs = (ulong)(TimestampOf + number), Slot = EdgeLayout.InlineSlot };
            var segment = _scenario.Slots > 0 && TryFill(ref cell) ? _segment : null;
            while (MustWait(segment))
            {
                var wait = _sender.PrepareWait();
                if (MustWait(segment))
                    wait.Sleep(TimeSpan.FromSeconds(1));
                wait.End();
            }

            _sender.Publish(cell, segment, isCorrelated: false, _pool);
            EdgeSender<ModelMemory>.FenceBeforeBells();
            _sender.RingAfterFence();
            segment?.Book.EndLoan((int)cell.Slot);
        }

        internal bool TryTake()
        {
            if (_scenario.LooksFirst && !_receiver.HasData)
                return false;
            var result = _receiver.TryTake(_sample, out var missing);
            Require(result is TakeResult.Taken or TakeResult.Empty, $"take: {result}, {_receiver.Fault}, segment {missing}");
            if (result == TakeResult.Empty)
                return false;
            Require(_sample.Sequence > _last, $"message {_sample.Sequence} after {_last}");
            Require(_sample.TimestampNs == TimestampOf + _sample.Sequence, $"message {_sample.Sequence} is torn: its time is {_sample.TimestampNs}");
            _last = _sample.Sequence;
            _received.Add(_last);
            RequirePayload();
            RequirePayload(); // still there
            _receiver.Return(_sample);
            return true;
        }

        /// <summary>As NotedOrder does it: while in line, the note stays; found empty, it is cleared before the last look.</summary>
        internal bool TryTakeIfNoted(MappedDoorbell<ModelMemory> bell)
        {
            var (word, bit) = MappedDoorbell<ModelMemory>.PendingPlaceOf(_sender.Id);
            if (!_isInLine && (bell.ReadPending(word) & bit) == 0)
                return false;
            _isInLine = true;
            if (TryTake())
                return true;
            bell.ClearPending(word, bit);
            _isInLine = _receiver.HasData;
            return false;
        }

        internal void Hold(int count)
        {
            for (; count > 0; count--)
            {
                var sample = new ReceivedSample();
                Require(_receiver.TryTake(sample, out _) == TakeResult.Taken, "a message to hold");
                _last = sample.Sequence;
                _received.Add(_last);
                _held.Enqueue(sample);
            }
        }

        internal void ReturnHeld(int count)
        {
            for (; count > 0; count--)
                _receiver.Return(_held.Dequeue());
        }

        internal void Check()
        {
            ReturnHeld(_held.Count);
            while (TryTake())
            {
                // what a polling subscriber has left
            }

            Require(_sender.Fault is null, $"publisher: {_sender.Fault}");
            Require(_receiver.Fault is null, $"subscriber: {_receiver.Fault}");
            var counters = _sender.ReadCounters();
            var dropped = counters.DroppedOldest + counters.DroppedPool + counters.DroppedFull;
            Require(HasAll, $"the last message is {_last}");
            Require((ulong)_received.Count + dropped == (ulong)_scenario.Messages, $"{_received.Count} received, {dropped} dropped, {_scenario.Messages} sent");
            Require(_scenario.Policy == OverflowPolicy.DropOldest || dropped == 0, $"{dropped} dropped under back pressure");
            _sender.DrainReturns(_pool);
            Require(_sender.Fault is null, $"publisher: {_sender.Fault}");
            Require(_segment is null || _segment.IsIdle, $"{_segment?.Book.FreeCount} of {_scenario.Slots} slots are free at the end");
        }

        private bool MustWait(PoolSegment? segment) => _sender.MustWait(needsSlot: segment is not null, isCorrelated: false, _pool);

        /// <summary>Puts the message into a slot, for which older ones may have to go. Without one it travels in the cell.</summary>
        private bool TryFill(ref EdgeCell cell)
        {
            _sender.DrainReturns(_pool);
            int slot;
            uint generation;
            while (!_segment!.Book.TryLend(out slot, out generation))
            {
                if (!_sender.TryPeekDroppable(out _))
                    return false;
                _sender.DropForPool(_pool);
                _sender.DrainReturns(_pool);
            }

            fixed (byte* start = _memory!.Bytes(slot, 0, SegmentLayout.PageBytes))
            {
                ModelMemory.WritePlain((uint*)start, generation);
                ModelMemory.WritePlain((uint*)(start + SegmentLayout.SlotHeaderBytes), (uint)cell.Sequence);
            }

            (cell.Segment, cell.Slot, cell.Generation) = (1, (uint)slot, generation);
            (cell.PayloadOffset, cell.PayloadLength) = (SegmentLayout.SlotHeaderBytes, sizeof(uint));
            return true;
        }

        private void RequirePayload()
        {
            if (_sample.Segment is null)
                return;
            fixed (byte* payload = _sample.Payload)
            {
                var seen = ModelMemory.ReadPlain((uint*)payload);
                Require(seen == _sample.Sequence, $"the payload of message {_sample.Sequence} is that of {seen}");
            }
        }

        private static void Name(Places places, int region, in EdgeHeader header)
        {
            places.Name(region, EdgeLayout.Head, "Head");
            places.Name(region, EdgeLayout.Tail, "Tail");
            places.Name(region, EdgeLayout.SenderWaiting, "SenderWaiting");
            places.Name(region, EdgeLayout.ReturnTail, "ReturnTail");
            for (var i = 0; i < header.DeliveryCapacity; i++)
            {
                places.Name(region, EdgeLayout.DeliveryRing + (i * EdgeLayout.CellBytes), $"Cell{i}");
                places.Name(region, EdgeLayout.DeliveryRing + (i * EdgeLayout.CellBytes) + 64, $"Cell{i}, 2nd half");
            }

            for (var i = 0; i < header.ReturnCapacity; i++)
                places.Name(region, header.ReturnRing + (i * sizeof(ulong)), $"Return{i}");
        }
    }

    private static void Require(bool holds, string otherwise)
    {
        if (!holds)
            throw new InvalidOperationException(otherwise);
    }

    /// <summary>A node's own doorbell over the model, without spinning.</summary>
    private sealed class ModelDoorbell(MappedDoorbell<ModelMemory> doorbell) : Doorbell
    {
        internal MappedDoorbell<ModelMemory> Bell => doorbell;

        public override void Ring() => doorbell.Ring();

        public override uint Prepare() => doorbell.Prepare();

        public override bool Wait(uint ticket, TimeSpan timeout) => doorbell.Wait(ticket, timeout);

        public override void Cancel() => doorbell.Cancel();

        protected override void Dispose(bool disposing) => doorbell.Dispose();
    }
}
