// SPDX-License-Identifier: Apache-2.0

using Dora.Daemon.Core;
using Dora.Dataflows.Graph;
using Dora.Protocol;

namespace Dora.SimulationTests.DaemonCore;

// Rules about the state between events, at rest and at the end.
internal sealed partial class Checker
{
    /// <summary>A simulated process needs no longer than this to die of SIGKILL and to be reported.</summary>
    private const long DeathLatencyNs = 800_000_000;

    /// <summary>All effects of one event were seen.</summary>
    public void After(long? nextDeadlineNs)
    {
        Require(nextDeadlineNs is not { } next || next > _nowNs, $"a deadline that is due was left standing");
        if (_finished)
            return;
        Require(_owedNews.Count == 0, $"news is owed: {_owedNews.FirstOrDefault()}");
        foreach (var edge in _open.Values)
        {
            var subscriber = Current(edge.Subscriber);
            Require(subscriber is { Listens: true }, $"{edge.Edge} is open and its subscriber {edge.Subscriber} does not listen");
            if (edge.Publisher == Incarnation.Dora)
                continue;
            var publisher = Current(edge.Publisher);
            Require(publisher is { Listens: true }, $"{edge.Edge} is open and its publisher {edge.Publisher} does not listen");
            Require(!publisher!.ClosedOutputs.Contains(OutputOf(edge.Input)), $"{edge.Edge} is open and its output closed");
        }
        foreach (var node in _nodes.Values)
        {
            if (node.Alive && !node.IsDynamic)
                InTime(node);
            if (node is { Listens: true, Started: true, ToldAllClosed: false })
                KnowsWhatIsClosed(node);
        }
    }

    /// <summary>Nothing will happen by itself. Everybody who lives must be content with that.</summary>
    public void AtRest(IEnumerable<SimProcess> processes)
    {
        Require(!IsStopping, $"at rest while stopping");
        foreach (var process in processes)
        {
            if (!process.Exists || process.IsDynamic)
                continue;
            var node = _nodes[process.Who.Node];
            Require(node.Alive && node.Who == process.Who, $"{process.Who} lives and the core does not know");
            Require(node.Started || node.SaidGoodbye, $"{process.Who} waits for its start forever");
            var isContent = node.ToldAllClosed || node.SaidGoodbye || node.Spec.Inputs.IsEmpty;
            Require(isContent || node.Spec.Inputs.Any(input => MayStillCome(node, input)),
                $"{process.Who} waits for input forever and was not told");
        }
        var nobodyWaits = _nodes.Values.Any(node => node.Alive || node.IsDynamic);
        Require(nobodyWaits, $"all nodes have ended and the dataflow has not");
    }

    /// <summary>The dataflow has ended.</summary>
    public void AtTheEnd(DataflowOutcome outcome, IEnumerable<SimProcess> processes, long? nextDeadlineNs)
    {
        Require(nextDeadlineNs is null, $"a deadline is left at the end");
        Require(_open.Count == 0, $"{_open.Count} edges are open at the end");
        foreach (var process in processes)
            Require(!process.Exists || process.IsDynamic, $"{process.Who} lives at the end");
        Require(outcome.Nodes.Length == _graph.Nodes.Length, $"a node is missing in the report");
        Require(outcome.Succeeded == (outcome.FirstFailure is null), $"success and a failure");
        Require(outcome.Succeeded == !outcome.Nodes.Any(node => node.Failed), $"success and a failed node");
        Require(outcome.FirstFailure is not { CausedBy: not null }, $"the first failure has a cause before it");
        foreach (var node in outcome.Nodes)
        {
            var cause = outcome.Nodes.SingleOrDefault(other => other.Node == node.CausedBy);
            Require(node.CausedBy is null || cause is { Failed: true }, $"'{node.Node}' failed of nothing");
            Require(node.Restarts == _nodes[node.Node].RestartsNs.Count + _nodes[node.Node].Replacements, $"'{node.Node}' has a wrong count of restarts");
            Require(node.Failed == _nodes[node.Node].ReportedFailedForGood, $"'{node.Node}' failed in one report only");
        }
    }

    private void Finished(DataflowOutcome outcome)
    {
        foreach (var node in _nodes.Values)
            Require(!node.Alive || node.IsDynamic, $"finished while {node.Who} lives");
        if (_stoppingSinceNs is not { } sinceNs)
            return;
        var grace = _graph.Nodes.Max(node => node.Health.StopGrace);
        grace = _settings.StopGrace > grace ? _settings.StopGrace.Value : grace;
        var boundNs = (long)(grace + _settings.TermGrace).TotalNanoseconds + DeathLatencyNs;
        Require(_nowNs - sinceNs <= boundNs, $"stopping took {(_nowNs - sinceNs) / 1e9} s: {outcome.Message}");
    }

    /// <summary>Deadlines are kept to the nanosecond: what should have been done by now has been.</summary>
    private void InTime(KnownNode node)
    {
        if (node.Killed)
            return;
        Require(node.TermedNs is not { } termedNs || _nowNs < termedNs + (long)_settings.TermGrace.TotalNanoseconds,
            $"{node.Who} got SIGTERM and no SIGKILL in time");
        Require(node.TermDueNs is not { } dueNs || node.TermedNs is not null || _nowNs < dueNs,
            $"{node.Who} got no SIGTERM after its grace");
        if (IsStopping || node.TermedNs is not null)
            return;
        Require(node.WasConnected || _nowNs < node.SpawnedNs + (long)node.Spec.Health.StartupTimeout.TotalNanoseconds,
            $"{node.Who} was not connected in time and lives");
        var isWatched = node is { Started: true, Listens: true, ToldAllClosed: false, ToldToStop: false };
        if (isWatched && node.Spec.Health.HealthCheckTimeout is { } timeout)
            Require(_nowNs < node.LastBeatNs + (long)timeout.TotalNanoseconds, $"{node.Who} gave no sign of life in time and lives");
    }

    /// <summary>A running node knows at once that an input has nobody left to come from.</summary>
    private void KnowsWhatIsClosed(KnownNode node)
    {
        foreach (var input in node.Spec.Inputs)
        {
            var isOver = input.Source is InputSource.Node(var output) && _nodes[output.Node].EndedForGood;
            Require(!isOver || node.ToldClosed.Contains(input.Id), $"{node.Who}/{input.Id} was not told that its publisher has ended");
        }
    }

    private bool MayStillCome(KnownNode node, GraphInput input)
    {
        if (node.ToldClosed.Contains(input.Id))
            return false;
        if (_edgeOf.ContainsKey(new InputId(node.Spec.Id, input.Id)))
            return true;
        var sender = SenderOf(input);
        // A dynamic publisher may come at any time; one that said goodbye and may be restarted keeps its readers waiting while it lives.
        return sender is { IsDynamic: true, Number: < 0 }
            || sender is { Alive: true, SaidGoodbye: true, Spec.Restart.Policy: not RestartPolicy.Never };
    }
}
