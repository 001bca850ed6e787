// SPDX-License-Identifier: Apache-2.0

using Dora.Operators;
using Dora.Protocol;
using Dora.Protocol.Messages;
using Dora.Runtime;
using Dora.Runtime.Port;
using Dora.Runtime.Scheduling;
using Dora.SimulationTests.DaemonCore;

namespace Dora.SimulationTests.Scheduling;

/// <summary>A runtime with random operators in a world whose time passes only while operators work or nobody has anything to do.</summary>
/// <remarks>The scheduler is the real one, on its one thread; node, clock and operators are simulated. So the same seed gives the same history.</remarks>
internal sealed class RuntimeWorld : TimeProvider
{
    private const long Ms = 1_000_000;
    private const long StartNs = 1_000_000_000;

    /// <summary>The most urgent operator's; waiting lifts nobody else there within a history.</summary>
    public const uint TopPriority = 99;

    private const int OthersPriorityMax = 60;
    private const long HistoryNs = 3_000 * Ms;

    private readonly SimRandom _random;
    private readonly SimPort _port;
    private readonly List<SimOperator> _operators = [];
    private readonly Func<RuntimeWiring, IReadyQueue> _queue;
    private long _longestOtherNs;
    private ulong _digest;

    public RuntimeWorld(ulong seed, Func<RuntimeWiring, IReadyQueue> queue)
    {
        _random = new SimRandom(seed);
        _queue = queue;
        _port = new SimPort(this);
    }

    public long NowNs { get; private set; } = StartNs;

    public ulong Digest => _digest;

    public int Handled { get; private set; }

    public override long TimestampFrequency => 1_000_000_000;

    public override long GetTimestamp() => NowNs;

    /// <summary>One history.</summary>
    /// <exception cref="RuleBrokenException">A rule was broken.</exception>
    public void Run()
    {
        Build();
        var byId = _operators.ToDictionary(o => o.Id);
        var wiring = RuntimeWiring.Create(_port, config => byId[config.OperatorId], this);
        var result = new OperatorScheduler(_port, _queue(wiring), wiring).Run();
        Require(result is { Restarts: 0, FailedOperators.Count: 0 }, "an operator failed");
        foreach (var op in _operators)
        {
            CheckCounts(op);
        }
    }

    /// <summary>Time passes.</summary>
    public void Advance(long ns) => NowNs += ns;

    public void AdvanceTo(long ns) => NowNs = Math.Max(NowNs, ns);

    public static void Require(bool holds, string rule)
    {
        if (!holds)
        {
            throw new RuleBrokenException(rule);
        }
    }

    // A top operator that a timer drives, and others that nodes or each other drive, some of them more than they can do.
    private void Build()
    {
        Add("top", TopPriority, _random.Between(1, 40) * Ms, Ms / 10, null);
        var count = _random.Between(1, 8);
        for (var i = 0; i < count; i++)
        {
            var sibling = i > 0 && _random.Percent(40) ? _operators[_random.Between(1, i)] : null;
            var op = Add($"op{i}", (uint)_random.Below(OthersPriorityMax + 1), _random.Between(1, 50) * Ms, _random.Between(0, 80) * Ms / 10, sibling);
            if (_random.Percent(50))
            {
                op.Config.DeadlineNs = (ulong)(_random.Between(1, 60) * Ms);
                op.Config.OnMiss = _random.Pick(MissAction.Warn, MissAction.Skip, MissAction.Event);
                op.Config.DeadlineFromSource = _random.Percent(30);
            }

            _longestOtherNs = Math.Max(_longestOtherNs, op.LongestNs);
        }

        _port.Schedule();
    }

    private SimOperator Add(string id, uint priority, long periodNs, long longestNs, SimOperator? sibling)
    {
        var op = new SimOperator(this, id, longestNs);
        op.Config.Priority = priority;
        var input = new InputConfig
        {
            InputId = "in",
            QueueSize = (uint)_random.Between(1, 12),
            QueuePolicy = sibling is not null && _random.Percent(40) ? QueuePolicy.Backpressure : QueuePolicy.DropOldest,
            Source = sibling is null ? "node/out" : $"runtime/{sibling.Id}/out",
        };
        op.Config.Inputs.Add(input);
        op.Config.Outputs.Add("out");
        op.IsLossless = input.QueuePolicy == QueuePolicy.Backpressure;
        _port.Config.Operators.Add(op.Config);
        if (sibling is null)
        {
            var nodeInput = input.Clone();
            nodeInput.InputId = $"{id}/in";
            _port.Config.Inputs.Add(nodeInput);
            _port.AddSource(nodeInput.InputId, periodNs, HistoryNs);
        }

        _operators.Add(op);
        return op;
    }

    private void CheckCounts(SimOperator op)
    {
        var report = _port.Reports[op.Id];
        if (report.Timing is { } timing)
        {
            Require(timing.Handled == (ulong)op.Handled, $"{op.Id}: {timing.Handled} handled by the report, in truth {op.Handled}");
            Require(timing.Missed == (ulong)op.Missed, $"{op.Id}: {timing.Missed} misses by the report, in truth {op.Missed}");
            Require(op.Config.OnMiss != MissAction.Event || op.Told == op.Missed, $"{op.Id}: was told of {op.Told} of {op.Missed} misses");
        }

        foreach (var input in report.Siblings)
        {
            Require(input.Received == (ulong)op.Handled, $"{op.Id}: {input.Received} received by the report, in truth {op.Handled}");
            Require(
                input.Sent == input.Received + input.DroppedOldest + input.DroppedExpired,
                $"{op.Id}: {input.Sent} sent, but {input.Received} received, {input.DroppedOldest} dropped and {input.DroppedExpired} expired");
            Require(!op.IsLossless || input.DroppedOldest == 0, $"{op.Id}: a lossless queue lost messages");
        }

        if (report.Siblings.Count == 0)
        {
            var expired = report.Expired.Sum(e => (long)e.DroppedExpired);
            Require(_port.Taken($"{op.Id}/in") == op.Handled + expired, $"{op.Id}: {_port.Taken($"{op.Id}/in")} taken, {op.Handled} handled, {expired} expired");
        }
    }

    /// <summary>An operator that works for a random time on each message, and sends one on.</summary>
    private sealed class SimOperator(RuntimeWorld world, string id, long longestNs) : IOperatorFactory, IOperator
    {
        private ulong _lastStamp;

        public string Id => id;
        public long LongestNs => longestNs;
        public OperatorConfig Config { get; } = new() { OperatorId = id, Kind = "csharp" };
        public bool IsLossless { get; set; }
        public int Handled { get; private set; }
        public int Missed { get; private set; }
        public int Told { get; private set; }

        public IOperator Create() => this;

        public void Reload(string? source = null)
        {
        }

        public DoraStatus OnEvent(in OperatorEvent e, OutputSender output)
        {
            if (e.Kind == OperatorEventKind.DeadlineMissed)
            {
                Told++;
            }

            if (e.Kind != OperatorEventKind.Input)
            {
                return DoraStatus.Continue;
            }

            var sentNs = (long)e.TimestampNs; // simulated stamps are the simulated time, and nobody forwards: so this is when it arrived
            Require(e.TimestampNs > _lastStamp, $"{id}: a message came twice or out of order");
            _lastStamp = e.TimestampNs;
            Handled++;
            world.Handled++;
            world._digest = (world._digest * 31) + ((ulong)world.NowNs ^ (ulong)id[^1]);

            var deadlineNs = (long)Config.DeadlineNs;
            Require(
                deadlineNs == 0 || Config.OnMiss != MissAction.Skip || world.NowNs <= sentNs + deadlineNs,
                $"{id}: handled a message that had expired");
            if (Config.Priority == TopPriority)
            {
                // Its own queue, one turn of another, and the pause between two looks at what the node received.
                Require(
                    world.NowNs - sentNs <= world._longestOtherNs + 50_000 + (2 * longestNs),
                    $"the most urgent message waited for {world.NowNs - sentNs} ns; the longest turn of another is {world._longestOtherNs} ns");
            }

            world.Advance(longestNs == 0 ? 0 : (long)(world._random.NextUInt64() % (ulong)longestNs) + 1);
            if (deadlineNs > 0 && world.NowNs > sentNs + deadlineNs)
            {
                Missed++;
            }

            output.Send("out", ReadOnlySpan<byte>.Empty);
            return DoraStatus.Continue;
        }
    }
}

/// <summary>What a history must never show.</summary>
internal sealed class RuleBrokenException(string rule) : Exception(rule);
