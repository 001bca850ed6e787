// SPDX-License-Identifier: Apache-2.0

namespace Dora.Nodes;

/// <summary>An input brings nothing more: its publisher ended or closed the output. Or it is late, and may recover.</summary>
/// <remarks>Comes after the last message of the input has been received.</remarks>
public sealed class InputClosedEvent : DoraEvent
{
    internal InputClosedEvent(string id, string reason, bool isTimeout)
    {
        Id = id;
        Reason = reason;
        IsTimeout = isTimeout;
    }

    /// <inheritdoc/>
    public override EventKind Kind => EventKind.InputClosed;

    /// <summary>The input, as named in the dataflow.</summary>
    public string Id { get; }

    /// <summary>Why, for people.</summary>
    public string Reason { get; }

    /// <summary>True when the input's <c>input_timeout</c> passed without a message: <see cref="InputRecoveredEvent"/> may follow.</summary>
    public bool IsTimeout { get; }
}

/// <summary>An input that was reported closed brings messages again; the message follows.</summary>
public sealed class InputRecoveredEvent : DoraEvent
{
    internal InputRecoveredEvent(string id) => Id = id;

    /// <inheritdoc/>
    public override EventKind Kind => EventKind.InputRecovered;

    /// <summary>The input, as named in the dataflow.</summary>
    public string Id { get; }
}

/// <summary>A node that this one receives from was started again. Requests it had not answered are lost.</summary>
public sealed class NodeRestartedEvent : DoraEvent
{
    internal NodeRestartedEvent(string nodeId) => NodeId = nodeId;

    /// <inheritdoc/>
    public override EventKind Kind => EventKind.NodeRestarted;

    /// <summary>The node upstream.</summary>
    public string NodeId { get; }
}

/// <summary>A node that this one receives from failed.</summary>
public sealed class NodeFailedEvent : DoraEvent
{
    internal NodeFailedEvent(string sourceNodeId, string error, IReadOnlyList<string> affectedInputIds)
    {
        SourceNodeId = sourceNodeId;
        Error = error;
        AffectedInputIds = affectedInputIds;
    }

    /// <inheritdoc/>
    public override EventKind Kind => EventKind.NodeFailed;

    /// <summary>The node that failed.</summary>
    public string SourceNodeId { get; }

    /// <summary>Exit status and, if known, its last words.</summary>
    public string Error { get; }

    /// <summary>Inputs of this node that are fed by it.</summary>
    public IReadOnlyList<string> AffectedInputIds { get; }
}

/// <summary>Why a node is asked to end.</summary>
public enum StopCause
{
    /// <summary>Somebody stopped the dataflow. What is still queued may be received, but the grace period runs.</summary>
    Manual,

    /// <summary>Every input has closed; comes after their last messages.</summary>
    AllInputsClosed,

    /// <summary>The daemon is gone. Nobody supervises this process any more; it should end.</summary>
    DaemonLost,
}

/// <summary>The node shall end. Queued messages can still be received; then receive calls return null.</summary>
public sealed class StopEvent : DoraEvent
{
    internal StopEvent(StopCause cause, TimeSpan grace)
    {
        Cause = cause;
        Grace = grace;
    }

    /// <inheritdoc/>
    public override EventKind Kind => EventKind.Stop;

    /// <summary>Why.</summary>
    public StopCause Cause { get; }

    /// <summary>Time from now until SIGTERM; zero: not limited.</summary>
    public TimeSpan Grace { get; }
}

/// <summary>The program of an operator changed and shall be loaded again. Only runtime nodes act on it.</summary>
public sealed class ReloadEvent : DoraEvent
{
    internal ReloadEvent(string? operatorId) => OperatorId = operatorId;

    /// <inheritdoc/>
    public override EventKind Kind => EventKind.Reload;

    /// <summary>Which; null: all.</summary>
    public string? OperatorId { get; }

    /// <summary>What to load from now on, an absolute path; null: what was loaded before, as it is now.</summary>
    public string? Source { get; internal init; }
}

/// <summary>A connection of this node broke and was cut. The node itself goes on.</summary>
public sealed class ErrorEvent : DoraEvent
{
    internal ErrorEvent(string message, Exception? exception)
    {
        Message = message;
        Exception = exception;
    }

    /// <inheritdoc/>
    public override EventKind Kind => EventKind.Error;

    /// <summary>What happened, for people.</summary>
    public string Message { get; }

    /// <summary>The reason, if there is more to know.</summary>
    public Exception? Exception { get; }
}
