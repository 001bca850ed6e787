// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;
using Dora.Daemon.Core;
using Dora.Dataflows.Graph;
using Dora.Protocol;
using Dora.Protocol.Messages;

namespace Dora.SimulationTests.DaemonCore;

// The process table: what effects do to it, and what its processes do by themselves.
internal sealed partial class World
{
    private int DelayMax => _troublePercent == 0 ? 200 : 2_000;

    private void CarryOut(Effect effect)
    {
        switch (effect)
        {
            case Effect.SpawnNode(var who):
                Spawn(who);
                break;
            case Effect.WiringDone(var who) when _processes[who].Exists:
                At(_random.DelayNs(DelayMax), () => AfterWiring(_processes[who]));
                break;
            case Effect.StartNode(var who) when _processes[who].Exists:
                Work(_processes[who]);
                break;
            case Effect.SendStop stop when _processes[stop.Who].Connected:
                At(_random.DelayNs(DelayMax), () => Answer(_processes[stop.Who], _processes[stop.Who].OnStop));
                break;
            case Effect.SignalGroup(var who, Signals.Term):
                At(_random.DelayNs(100), () => Answer(_processes[who], _processes[who].OnTerm));
                break;
            case Effect.KillNode(var who):
                Kill(_processes[who]);
                break;
            case Effect.Finished(var outcome):
                _outcome = outcome;
                break;
        }
    }

    private void Spawn(Incarnation who)
    {
        var process = SimProcess.Draw(_random, who, _graph.Nodes.Single(node => node.Id == who.Node), _troublePercent);
        _processes.Add(who, process);
        At(_random.DelayNs(DelayMax / 4), () => Launch(process));
        if (_random.Percent(_troublePercent / 8))
            At(_random.DelayNs(20_000), () => LoseLauncher(process));
    }

    private void Launch(SimProcess process)
    {
        if (process.FinalReportGiven)
            return; // its launcher is gone
        if (process.Reaches == Reaches.NothingLaunchFails || process.KilledWhileLaunching)
        {
            process.FinalReportGiven = true;
            Deliver(process.KilledWhileLaunching && _random.Percent(50)
                ? new DaemonEvent.NodeExited(process.Who, new ExitStatus(0, Signals.Kill))
                : new DaemonEvent.NodeLaunchFailed(process.Who, "no such file"));
            return;
        }
        process.Exists = true;
        var launchNewsDelay = _random.Percent(80) ? 0 : _random.DelayNs(100);
        At(launchNewsDelay, () => Deliver(new DaemonEvent.NodeLaunched(process.Who, 1000 + _processes.Count)));
        At(_random.DelayNs(DelayMax), () => Connect(process));
    }

    private void LoseLauncher(SimProcess process)
    {
        if (process.FinalReportGiven)
            return;
        process.FinalReportGiven = process.LauncherGone = true;
        Deliver(new DaemonEvent.LauncherLost(process.Who));
    }

    private void Kill(SimProcess process)
    {
        if (!process.Exists && !process.FinalReportGiven)
            process.KilledWhileLaunching = true;
        else if (process.LauncherGone)
            process.Exists = process.Connected = false; // the shell kills the group itself, there and then
        else
            At(_random.DelayNs(200), () => Die(process, new ExitStatus(0, Signals.Kill)));
    }

    private void Connect(SimProcess process)
    {
        if (!process.Exists)
            return;
        switch (process.Reaches)
        {
            case Reaches.NoConnectionHangs:
                return;
            case Reaches.NoConnectionEndsWell:
                Die(process, new ExitStatus(0));
                return;
            case Reaches.NoConnectionFails:
                Die(process, new ExitStatus(2));
                return;
        }
        if (_core.ExpectedIncarnation(process.Who.Node) != process.Who)
        {
            // Refused at the door: a sound program ends with an error, others wait until they are killed.
            if (_random.Percent(50))
                At(_random.DelayNs(100), () => Die(process, new ExitStatus(1)));
            return;
        }
        process.Connected = true;
        Deliver(new DaemonEvent.NodeConnected(process.Who));
    }

    private void AfterWiring(SimProcess process)
    {
        if (!process.Exists || !process.Connected)
            return;
        switch (process.Reaches)
        {
            case Reaches.ConnectionThenHangs:
                return;
            case Reaches.ConnectionThenCrashes:
                Die(process, new ExitStatus(0, 11));
                return;
            case Reaches.ConnectionThenEndsWell:
                Die(process, new ExitStatus(0));
                return;
            case Reaches.ConnectionThenDisconnects:
                Disconnect(process);
                return;
        }
        Deliver(new DaemonEvent.NodeReady(process.Who));
        if (process.Reaches == Reaches.ReadyThenCrashes)
            At(_random.DelayNs(DelayMax), () => Die(process, new ExitStatus(134)));
        else if (process.Reaches == Reaches.ReadyThenSaysGoodbyeAndHangs)
            At(_random.DelayNs(DelayMax), () => SayGoodbye(process));
    }

    private void Work(SimProcess process)
    {
        process.Started = true;
        if (process.Spec.Health.HealthCheckTimeout is { } timeout)
            At(0, () => Beat(process, timeout));
        var workNs = _random.DelayNs(_random.Pick(100, 5_000, 30_000));
        switch (process.Fate)
        {
            case Fate.EndsAfterWork:
                At(workNs, () => Answer(process, _random.Pick(EndAnswer.EndsWell, EndAnswer.EndsWithGoodbye)));
                break;
            case Fate.Crashes:
                At(workNs, () => Die(process, _random.Percent(50) ? new ExitStatus(0, 11) { CoreDumped = true } : new ExitStatus(1)));
                break;
            case Fate.ClosesOutputsThenWorks:
                At(workNs, () => CloseOutputs(process));
                break;
            case Fate.LosesConnectionAndLivesOn:
                At(workNs, () => Disconnect(process));
                break;
            case Fate.LosesConnectionAndDies:
                At(workNs, () => Disconnect(process));
                At(workNs + _random.DelayNs(100), () => Die(process, new ExitStatus(139)));
                break;
            case Fate.FallsSilent:
                At(workNs, () => process.Silent = true);
                break;
            case Fate.LingersAfterGoodbye:
                At(workNs, () => SayGoodbye(process));
                break;
        }
        if (_random.Percent(_troublePercent / 4))
            At(_random.DelayNs(10_000), () => ReportFault(process));
        if (process.Spec.Kind == NodeKind.Runtime && _random.Percent(_troublePercent))
            At(_random.DelayNs(10_000), () => ReportOperator(process));
    }

    private void Beat(SimProcess process, TimeSpan timeout)
    {
        if (!process.Exists || !process.Connected || process.Silent || _outcome is not null)
            return;
        Deliver(new DaemonEvent.Heartbeat(process.Who));
        At((long)(timeout.TotalNanoseconds * 0.45), () => Beat(process, timeout));
    }

    private void CloseOutputs(SimProcess process)
    {
        if (!process.Exists || !process.Connected)
            return;
        ImmutableArray<DataId> outputs = process.Spec.Outputs.Length > 1 && _random.Percent(50) ? [process.Spec.Outputs[0]] : [];
        Deliver(new DaemonEvent.OutputsClosed(process.Who, outputs));
    }

    private void ReportFault(SimProcess process)
    {
        if (!process.Exists || !process.Connected)
            return;
        var edge = _checker.AnyOpenEdgeOf(process.Who, _random) ?? new EdgeId(9999);
        Deliver(new DaemonEvent.EdgeFaulted(edge, process.Who.Node, "tail behind head"));
    }

    private void ReportOperator(SimProcess process)
    {
        if (!process.Exists || !process.Connected)
            return;
        var state = _random.Pick(OperatorState.Failed, OperatorState.Restarted, OperatorState.StopAll, OperatorState.Stopped);
        Deliver(new DaemonEvent.OperatorReported(process.Who, OperatorId.Single, state, "", 0));
    }

    private void Answer(SimProcess process, EndAnswer answer)
    {
        if (!process.Exists)
            return;
        if (process.IsDynamic && answer != EndAnswer.Ignores)
            answer = EndAnswer.EndsWithGoodbye;
        switch (answer)
        {
            case EndAnswer.EndsWell:
                Die(process, new ExitStatus(0));
                break;
            case EndAnswer.EndsWithGoodbye:
                SayGoodbye(process);
                At(_random.DelayNs(200), () => Die(process, new ExitStatus(0)));
                break;
            case EndAnswer.Fails:
                Die(process, new ExitStatus(1));
                break;
            case EndAnswer.DiesOfSignal:
                Die(process, new ExitStatus(0, Signals.Term));
                break;
        }
    }

    private void SayGoodbye(SimProcess process)
    {
        if (!process.Exists || !process.Connected)
            return;
        Deliver(new DaemonEvent.Goodbye(process.Who));
        Disconnect(process);
    }

    private void Disconnect(SimProcess process)
    {
        if (!process.Connected)
            return;
        process.Connected = false;
        // Cut off for a broken rule, or lost: the daemon knows, the process may not care.
        var brokenRule = _random.Percent(_troublePercent / 4) ? "said what it may not" : null;
        At(_random.DelayNs(50), () => Deliver(new DaemonEvent.NodeDisconnected(process.Who) { BrokenRule = brokenRule }));
    }

    /// <summary>The end; the news of the socket and of the launcher race each other.</summary>
    private void Die(SimProcess process, ExitStatus status)
    {
        if (!process.Exists)
            return;
        process.Exists = false;
        Disconnect(process);
        if (process.IsDynamic || process.FinalReportGiven)
            return;
        process.FinalReportGiven = true;
        At(_random.DelayNs(100), () => Deliver(new DaemonEvent.NodeExited(process.Who, status, "last words")));
    }

    private void ScheduleDynamicNodes()
    {
        foreach (var node in _graph.Nodes)
        {
            for (var visit = 0; node.Kind == NodeKind.Dynamic && visit < _random.Below(4); visit++)
                At(_random.DelayNs(40_000), () => AttachDynamic(node));
        }
    }

    private void AttachDynamic(GraphNode node)
    {
        if (_outcome is not null || _core.ExpectedIncarnation(node.Id) is not { } who)
            return;
        var process = SimProcess.Draw(_random, who, node, _troublePercent);
        process.Exists = process.Connected = true;
        _processes.Add(who, process);
        Deliver(new DaemonEvent.NodeConnected(who));
    }
}
