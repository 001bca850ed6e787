// SPDX-License-Identifier: Apache-2.0

using Dora.Nodes;

namespace Dora.CApi.Handles;

/// <summary>An event as C holds it: owned until it is freed, however many events follow.</summary>
internal sealed class EventBox
{
    private readonly List<NativeText> _own = []; // texts that only this event needs

    public DoraEvent Event { get; private set; } = null!;

    /// <summary>Who received it.</summary>
    public NodeBox Node { get; private set; } = null!;

    /// <summary>Input, node, cause of a stop.</summary>
    public NativeText Id { get; private set; }

    /// <summary>Reason or error; empty when there is nothing to say.</summary>
    public NativeText Message { get; private set; }

    /// <summary>Inputs that a failed node fed; members of a join that have no message.</summary>
    public NativeText[] AffectedInputs { get; private set; } = [];

    public void Open(DoraEvent next, NodeBox node)
    {
        Event = next;
        Node = node;
        if (next is InputEvent input && node.InputId(input.Id) is { } known)
        {
            Id = known; // the path of a message: no text is made
            Message = default;
            return;
        }

        var (id, message) = next switch
        {
            InputClosedEvent closed => (closed.Id, closed.Reason),
            InputRecoveredEvent recovered => (recovered.Id, ""),
            NodeRestartedEvent restarted => (restarted.NodeId, ""),
            NodeFailedEvent failed => (failed.SourceNodeId, failed.Error),
            StopEvent stop => (CauseName(stop.Cause), ""),
            ReloadEvent reload => (reload.OperatorId ?? "", ""),
            ErrorEvent error => ("", error.Message),
            JoinedEvent joined => ("", joined.IsTimedOut ? "timed out" : joined.IsComplete ? "complete" : "partial"),
            InputEvent other => (other.Id, ""),
            _ => ("", ""),
        };
        Id = Own(id);
        Message = Own(message);
        AffectedInputs = next switch
        {
            NodeFailedEvent failed => [.. failed.AffectedInputIds.Select(Own)],
            JoinedEvent joined => [.. joined.Missing.Select(Own)],
            _ => [],
        };
    }

    public void Close()
    {
        Event.Dispose();
        foreach (var text in _own)
            text.Free();
        _own.Clear();
        AffectedInputs = [];
    }

    /// <summary>The event as an input.</summary>
    /// <exception cref="CApiException">It is of another type.</exception>
    public InputEvent Input => Event as InputEvent
        ?? throw new CApiException(Status.WrongEvent, $"the event is of type {Event.Kind}, not Input: only inputs carry data");

    private NativeText Own(string text)
    {
        var copy = NativeText.Copy(text);
        _own.Add(copy);
        return copy;
    }

    private static string CauseName(StopCause cause) => cause switch
    {
        StopCause.Manual => "MANUAL",
        StopCause.AllInputsClosed => "ALL_INPUTS_CLOSED",
        _ => "DAEMON_LOST",
    };
}
