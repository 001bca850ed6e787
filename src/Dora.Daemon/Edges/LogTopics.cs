// SPDX-License-Identifier: Apache-2.0

using Dora.Daemon.Logs;
using Dora.Dataflows.Graph;
using Dora.Protocol;

namespace Dora.Daemon.Edges;

/// <summary>Log lines as messages: <c>dora/logs</c> inputs, and the outputs that a node's <c>send_stdout_as</c> and <c>send_logs_as</c> name.</summary>
/// <remarks>A subscriber of <c>dora/logs</c> never gets its own lines, or each would cause the next. Threading: the daemon's thread.</remarks>
internal sealed class LogTopics(HybridLogicalClock clock)
{
    private readonly List<Topic> _topics = [];
    private readonly List<Relay> _relays = [];

    private sealed record Topic(InputSource.Logs Source, NodeId Subscriber, LocalEdge Edge);

    private sealed record Relay(OutputId Output, LocalEdge Edge);

    /// <summary>A <c>dora/logs</c> input.</summary>
    public void AddTopic(InputSource.Logs source, NodeId subscriber, LocalEdge edge) => _topics.Add(new Topic(source, subscriber, edge));

    /// <summary>An input that reads a log output of a node.</summary>
    public void AddRelay(OutputId output, LocalEdge edge) => _relays.Add(new Relay(output, edge));

    /// <summary>Sends no more to an edge; unknown ids are ignored.</summary>
    public void Remove(uint edgeId)
    {
        _topics.RemoveAll(t => t.Edge.EdgeId == edgeId);
        _relays.RemoveAll(r => r.Edge.EdgeId == edgeId);
    }

    /// <summary>Sends an entry to all <c>dora/logs</c> inputs that want it; never waits.</summary>
    public void Publish(LogEntry entry, ReadOnlySpan<byte> json)
    {
        foreach (var topic in _topics)
        {
            if (topic.Subscriber == entry.Node || (topic.Source.OfNode is { } only && only != entry.Node))
                continue;
            if (LogLevels.Passes(entry.Level, topic.Source.MinLevel))
                topic.Edge.TrySend(json, [], clock.Now());
        }
    }

    /// <summary>Sends a line on a log output of its node; never waits.</summary>
    public void Publish(OutputId output, ReadOnlySpan<byte> utf8)
    {
        foreach (var relay in _relays)
        {
            if (relay.Output == output)
                relay.Edge.TrySend(utf8, [], clock.Now());
        }
    }
}
