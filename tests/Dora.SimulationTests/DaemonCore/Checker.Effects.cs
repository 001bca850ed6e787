// SPDX-License-Identifier: Apache-2.0

using Dora.Daemon;
using Dora.Daemon.Core;
using Dora.Dataflows.Graph;
using Dora.Protocol;
using Dora.Protocol.Messages;

namespace Dora.SimulationTests.DaemonCore;

// Rules about single effects.
internal sealed partial class Checker
{
    public void On(Effect effect)
    {
        Require(!_finished, $"an effect after Finished: {effect}");
        switch (effect)
        {
            case Effect.SpawnNode(var who):
                Spawned(who);
                break;
            case Effect.OpenEdge open:
                Opened(open);
                break;
            case Effect.CloseEdge(var edge, _):
                Require(_open.Remove(edge, out var closed), $"{edge} is closed and was not open");
                _edgeOf.Remove(new InputId(closed!.Subscriber.Node, closed.Input.Id));
                break;
            case Effect.WiringDone(var who):
                Wired(Live(who, effect));
                break;
            case Effect.StartNode(var who):
                Started(Live(who, effect));
                break;
            case Effect.SendInputClosed(var who, var input, _):
                InputClosed(Listener(who, effect), input);
                break;
            case Effect.SendInputRecovered(var who, var input):
                Require(Listener(who, effect).ToldClosed.Remove(input), $"{who}/{input} recovers and was never told closed");
                Require(_edgeOf.ContainsKey(new InputId(who.Node, input)), $"{who}/{input} recovers without an edge");
                break;
            case Effect.SendStop stop:
                ToldToStop(Listener(stop.Who, effect), stop);
                break;
            case Effect.SendNodeRestarted(var to, var restarted):
                Require(_nodes[restarted].Number > 0, $"'{restarted}' was not restarted");
                Require(Reads(Listener(to, effect), restarted), $"{to} does not read '{restarted}'");
                Require(_owedNews.Remove((to.Node, restarted)), $"{to} hears of a restart of '{restarted}' at a wrong time");
                break;
            case Effect.SendNodeFailed failed:
                NodeFailed(Listener(failed.Who, effect), failed);
                break;
            case Effect.SignalGroup(var who, var signal):
                Termed(LiveOwn(who, effect), signal);
                break;
            case Effect.KillNode(var who):
                Require(_nodes[who.Node].Number == who.Number && !_nodes[who.Node].IsDynamic, $"{effect} names no process of ours");
                _nodes[who.Node].Killed = true;
                break;
            case Effect.ReportNode(var change):
                Reported(change);
                break;
            case Effect.ReportDataflow(DataflowPhase.Running, _):
                Require(!_barrierOpen && !IsStopping, $"the barrier opens twice or while stopping");
                _barrierOpen = true;
                break;
            case Effect.ReportDataflow(DataflowPhase.Stopping, _):
                _stoppingSinceNs ??= _nowNs;
                break;
            case Effect.Finished(var outcome):
                _finished = true;
                Finished(outcome);
                break;
        }
    }

    private void Spawned(Incarnation who)
    {
        var node = _nodes[who.Node];
        Require(!node.IsDynamic, $"{who} is dynamic and was spawned");
        Require(!node.Alive, $"{who} was spawned while {node.Who} lives");
        Require(who.Number == node.Number + 1, $"{who} was spawned after {node.Who}");
        Require(!IsStopping, $"{who} was spawned while stopping");
        if (who.Number > 0)
            Restarted(node);
        node.Begin(who.Number, _nowNs);
    }

    private void Restarted(KnownNode node)
    {
        if (node.Replaced)
        {
            Require(!node.ToldAllClosed && !node.EndedForGood, $"{node.Who} was replaced after its end");
            node.Replacements++;
            return;
        }

        var policy = node.Spec.Restart;
        Require(policy.Policy != RestartPolicy.Never, $"{node.Who} was restarted against its policy");
        Require(!node.ToldAllClosed, $"{node.Who} was restarted after all its inputs had closed");
        Require(!node.ReportedFailedForGood, $"{node.Who} was restarted after it had failed for good");
        var endedByItself = !node.Killed && node.TermedNs is null && !node.BrokeRule;
        Require(policy.Policy != RestartPolicy.OnFailure || !endedByItself || node.LastExit is not { IsSuccess: true },
            $"{node.Who} ended well and was restarted");
        var delayNs = _nowNs - node.EndedNs;
        var leastNs = policy.Delay.TotalNanoseconds * 0.9;
        Require(delayNs >= Math.Min(leastNs, policy.MaxDelay?.TotalNanoseconds * 0.9 ?? double.MaxValue), $"{node.Who} was restarted too soon");
        Require(policy.MaxDelay is not { } max || delayNs <= max.TotalNanoseconds, $"{node.Who} was restarted too late");
        node.RestartsNs.Add(node.EndedNs);
        var within = policy.Window is { } window
            ? node.RestartsNs.Count(atNs => node.EndedNs - atNs < window.TotalNanoseconds)
            : node.RestartsNs.Count;
        Require(policy.MaxRestarts == 0 || within <= policy.MaxRestarts, $"{node.Who} was restarted more often than its limit");
    }

    private void Opened(Effect.OpenEdge open)
    {
        Require(open.Edge.Value > _lastEdge, $"{open.Edge} is not fresh");
        _lastEdge = open.Edge.Value;
        var subscriber = Listener(open.Subscriber, open);
        Require(subscriber.Spec.Inputs.Contains(open.Input), $"{open.Edge} feeds an unknown input");
        Require(!subscriber.ToldAllClosed, $"{open.Edge} is opened for a node that was told that all is over");
        var sender = SenderOf(open.Input);
        Require(open.Publisher == (sender?.Who ?? Incarnation.Dora), $"{open.Edge} has the wrong publisher");
        if (sender is not null)
        {
            Listener(open.Publisher, open);
            Require(!sender.ClosedOutputs.Contains(OutputOf(open.Input)), $"{open.Edge} reads a closed output");
        }
        _open.Add(open.Edge, open);
        Require(_edgeOf.TryAdd(new InputId(open.Subscriber.Node, open.Input.Id), open.Edge), $"{open.Edge} is the second of its input");
    }

    private void Wired(KnownNode node)
    {
        Require(node.Listens && !node.Wired, $"{node.Who} is wired twice or not connected");
        node.Wired = true;
        if (_barrierOpen || node.IsDynamic)
            return;
        foreach (var reader in _nodes.Values)
        {
            foreach (var input in reader.Spec.Inputs)
            {
                var sender = SenderOf(input);
                var concerns = reader == node || sender == node;
                if (!concerns || reader.IsDynamic || sender is { IsDynamic: true } || reader.FaultedInputs.Contains(input.Id))
                    continue;
                var isClosed = sender is { SaidGoodbye: true } || (sender is not null && sender.ClosedOutputs.Contains(OutputOf(input)));
                Require(isClosed || _edgeOf.ContainsKey(new InputId(reader.Spec.Id, input.Id)),
                    $"{node.Who} was called wired without the edge of {reader.Spec.Id}/{input.Id}");
            }
        }
    }

    private void Started(KnownNode node)
    {
        Require(node.Ready && node.Listens, $"{node.Who} is started and not ready");
        Require(!node.Started, $"{node.Who} is started twice");
        Require(_barrierOpen, $"{node.Who} is started before the barrier opened");
        Require(!IsStopping, $"{node.Who} is started while stopping");
        foreach (var other in _nodes.Values)
        {
            var mayBeUnready = other.IsDynamic || other.Number > 0 || !other.Alive;
            Require(mayBeUnready || other.Started || other.Ready, $"{node.Who} is started before {other.Who} is ready");
        }
        node.Started = true;
        node.LastBeatNs = _nowNs;
    }

    private void InputClosed(KnownNode node, DataId input)
    {
        Require(node.Started, $"{node.Who}/{input} is told closed before the start");
        Require(!_edgeOf.ContainsKey(new InputId(node.Spec.Id, input)), $"{node.Who}/{input} is told closed with an edge open");
        Require(node.ToldClosed.Add(input), $"{node.Who}/{input} is told closed twice");
        Require(!node.ToldAllClosed, $"{node.Who}/{input} is told closed after everything");
    }

    private void ToldToStop(KnownNode node, Effect.SendStop stop)
    {
        if (stop.Cause == StopCause.AllInputsClosed)
        {
            Require(node.Started && !node.ToldAllClosed && !IsStopping, $"{node.Who} is told that all is closed at a wrong time");
            foreach (var input in node.Spec.Inputs)
                Require(node.ToldClosed.Contains(input.Id), $"{node.Who} is told that all is closed and {input.Id} is not");
            node.ToldAllClosed = true;
            return;
        }
        Require(!node.ToldToStop, $"{node.Who} is told to stop twice");
        node.ToldToStop = true;
        node.TermDueNs = _nowNs + (long)stop.Grace!.Value.TotalNanoseconds;
    }

    private void NodeFailed(KnownNode node, Effect.SendNodeFailed failed)
    {
        var source = _nodes[failed.Source];
        Require(!source.Alive && source.ReportedFailedForGood, $"'{failed.Source}' did not fail for good");
        Require(!failed.AffectedInputs.IsEmpty, $"no input is affected");
        Require(_owedNews.Remove((node.Spec.Id, failed.Source)), $"{node.Who} hears of the failure of '{failed.Source}' at a wrong time");
        foreach (var input in failed.AffectedInputs)
            Require(!node.ToldClosed.Contains(input), $"{node.Who}/{input} is closed already");
    }

    private void Termed(KnownNode node, int signal)
    {
        Require(signal == Signals.Term, $"only SIGTERM is sent to a group");
        Require(node.TermedNs is null, $"{node.Who} gets SIGTERM twice");
        node.TermedNs = _nowNs;
    }

    private void Reported(NodeChange change)
    {
        var node = _nodes[change.Node];
        var isCurrent = change.Incarnation == Math.Max(node.Number, 0) || change.Phase == NodePhase.Spawning;
        Require(isCurrent, $"{change} is of another incarnation");
        if (change.Phase != NodePhase.Exited || node.IsDynamic)
            return;
        Require(!node.Alive, $"{change} and {node.Who} lives");
        Require(change.IsError || !node.BrokeRule, $"{node.Who} broke a rule and did not fail");
        node.EndedForGood = true;
        node.ReportedFailedForGood |= change.IsError;
        if (change.IsError)
            OweNewsOf(node, concerned => !concerned.Reader.ToldClosed.Contains(concerned.Input));
    }

    private static bool Reads(KnownNode reader, NodeId publisher) => reader.Spec.Inputs.Any(input => Reads(input, publisher));

    private static bool Reads(GraphInput input, NodeId publisher) =>
        input.Source is InputSource.Node(var output) && output.Node == publisher;

    private static DataId OutputOf(GraphInput input) => ((InputSource.Node)input.Source).Output.Output;

    private KnownNode Live(Incarnation who, Effect effect)
    {
        var node = Current(who);
        Require(node is not null, $"{effect} names an incarnation that is dead or unknown");
        return node!;
    }

    private KnownNode LiveOwn(Incarnation who, Effect effect)
    {
        var node = Live(who, effect);
        Require(!node.IsDynamic, $"{effect} names a process that is not ours");
        return node;
    }

    private KnownNode Listener(Incarnation who, Effect effect)
    {
        var node = Live(who, effect);
        Require(node.Listens, $"{effect} is sent to a node that does not listen");
        return node;
    }
}
