// SPDX-License-Identifier: Apache-2.0

using Dora.Protocol;

namespace Dora.Daemon;

/// <summary>Hears what happens in a running dataflow, in order, on the daemon's event loop.</summary>
/// <remarks>Implementations must return quickly and never throw; a slow one delays supervision.</remarks>
public interface IRunObserver
{
    /// <summary>A node changed its state: spawned, ready, restarting, exited, …</summary>
    void NodeChanged(NodeChange change);

    /// <summary>A line that a node wrote or a record that it logged.</summary>
    void LogLine(NodeLogLine line);

    /// <summary>The whole dataflow changed its state.</summary>
    void DataflowChanged(DataflowPhase phase, string message);
}

/// <summary>States of a dataflow, in this order.</summary>
public enum DataflowPhase
{
    Starting,
    Running,
    Stopping,
    Finished,
}

/// <summary>States of one incarnation of a node, in this order (some may be skipped).</summary>
public enum NodePhase
{
    Spawning,
    Started,
    Ready,
    Running,
    Stopping,
    Restarting,
    Exited,
}

/// <summary>One state change of one node.</summary>
/// <param name="Node">Whose.</param>
/// <param name="Phase">The new state.</param>
/// <param name="Incarnation">0 for the first process, one more for each restart.</param>
/// <param name="Message">For people: exit status, cause, delay before a restart.</param>
/// <param name="IsError">Whether it is bad news.</param>
public sealed record NodeChange(NodeId Node, NodePhase Phase, int Incarnation, string Message, bool IsError);

/// <summary>One line of one node's output.</summary>
/// <param name="Node">Who wrote it.</param>
/// <param name="Level"><c>error</c>, <c>warn</c>, <c>info</c>, <c>debug</c>, <c>trace</c>, or <c>stdout</c>/<c>stderr</c> for raw lines.</param>
/// <param name="Message">Escaped: holds no control characters.</param>
/// <param name="Target">The logger's category, or null.</param>
/// <param name="TimestampNs">Unix time.</param>
public sealed record NodeLogLine(NodeId Node, string Level, string Message, string? Target, ulong TimestampNs);
