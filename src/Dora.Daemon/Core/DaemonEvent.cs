// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;
using Dora.Protocol;
using Dora.Protocol.Messages;

namespace Dora.Daemon.Core;

/// <summary>What the shell tells the core: news of processes and sockets, requests of people, time.</summary>
/// <remarks>
/// <para>Events may be late, doubled or out of order between sources: the core ignores what names an incarnation that is no longer
/// current, and what can't be true in its state. So a shell never needs to ask before it reports.</para>
/// <para>The one promise it must keep: each <see cref="Effect.SpawnNode"/> is followed, some day, by exactly one of
/// <see cref="NodeLaunchFailed"/>, <see cref="NodeExited"/> or <see cref="LauncherLost"/>.</para>
/// </remarks>
public abstract record DaemonEvent
{
    private DaemonEvent() { }

    /// <summary>The run starts: everything is spawned. First event, once.</summary>
    public sealed record Begin : DaemonEvent;

    /// <summary>The launcher started the program.</summary>
    public sealed record NodeLaunched(Incarnation Who, int Pid) : DaemonEvent;

    /// <summary>The program could not be started (missing, not executable, launcher failed); no process exists.</summary>
    public sealed record NodeLaunchFailed(Incarnation Who, string Message) : DaemonEvent;

    /// <summary>The node's handshake is done: it can be sent frames. See <see cref="DataflowCore.ExpectedIncarnation"/>.</summary>
    public sealed record NodeConnected(Incarnation Who) : DaemonEvent;

    /// <summary>The node has mapped all that it was given before <see cref="Effect.WiringDone"/>.</summary>
    public sealed record NodeReady(Incarnation Who) : DaemonEvent;

    /// <summary>The node's connection has ended: end of file, or it was cut off.</summary>
    public sealed record NodeDisconnected(Incarnation Who) : DaemonEvent
    {
        /// <summary>The rule for which it was cut off, as a clause that follows the node's name, escaped; null: it was not.</summary>
        public string? BrokenRule { get; init; }
    }

    /// <summary>The node will send no more on these outputs.</summary>
    /// <param name="Who">Which.</param>
    /// <param name="Outputs">Empty: all.</param>
    public sealed record OutputsClosed(Incarnation Who, ImmutableArray<DataId> Outputs) : DaemonEvent;

    /// <summary>The node's event loop turns.</summary>
    public sealed record Heartbeat(Incarnation Who) : DaemonEvent;

    /// <summary>The node is about to end in good order; the end of its socket is then no surprise.</summary>
    public sealed record Goodbye(Incarnation Who) : DaemonEvent;

    /// <summary>The process and its whole group are gone.</summary>
    /// <param name="Who">Which.</param>
    /// <param name="Status">As reported by the launcher.</param>
    /// <param name="StderrTail">The last lines that it wrote to standard error, escaped; empty if none.</param>
    public sealed record NodeExited(Incarnation Who, ExitStatus Status, string StderrTail = "") : DaemonEvent;

    /// <summary>The launcher died without reporting: what it watched is killed, its status unknown.</summary>
    public sealed record LauncherLost(Incarnation Who) : DaemonEvent;

    /// <summary>One end of an edge found that the other broke the ring's rules: that edge alone is closed.</summary>
    public sealed record EdgeFaulted(EdgeId Edge, NodeId ReportedBy, string Reason) : DaemonEvent;

    /// <summary>A runtime node tells of one of its operators. <see cref="OperatorState.StopAll"/> stops the dataflow.</summary>
    public sealed record OperatorReported(Incarnation Who, OperatorId Operator, OperatorState State, string Message, int Restarts)
        : DaemonEvent;

    /// <summary>An operator's program changed: its runtime, if there is one, loads it anew.</summary>
    /// <param name="Node">Its runtime node.</param>
    /// <param name="Operator">Which.</param>
    /// <param name="Source">What to load. A runtime that is started later is told by its configuration.</param>
    public sealed record OperatorChanged(NodeId Node, OperatorId Operator, string Source) : DaemonEvent;

    /// <summary>A node's program changed: its process ends in good order and another takes over. No restart in the sense of its policy.</summary>
    /// <param name="Node">Which.</param>
    /// <param name="Reason">For people.</param>
    public sealed record NodeChanged(NodeId Node, string Reason) : DaemonEvent;

    /// <summary>Stop in good order (Ctrl-C once, <c>dora stop</c>). Repeated: only ever shortens the grace.</summary>
    /// <param name="Reason">For people: <c>"interrupted"</c>.</param>
    /// <param name="Grace">Overrides every node's own; null: does not.</param>
    public sealed record StopRequested(string Reason, TimeSpan? Grace = null) : DaemonEvent;

    /// <summary>Kill what is left now (Ctrl-C twice).</summary>
    public sealed record ForceStop(string Reason) : DaemonEvent;

    /// <summary><see cref="DataflowCore.NextDeadlineNs"/> has come. Early or superfluous ones do no harm.</summary>
    public sealed record DeadlineReached : DaemonEvent;
}
