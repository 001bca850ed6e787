// SPDX-License-Identifier: Apache-2.0

namespace Dora.Daemon.Core;

/// <summary>Who is connected to whom: opens an edge when both ends listen, closes it when either is gone.</summary>
internal sealed class Wiring(Turn turn)
{
    private readonly Dictionary<EdgeId, InputState> _open = [];
    private uint _lastEdge;

    /// <summary>The input that an edge feeds; null: no such edge is open.</summary>
    public InputState? Find(EdgeId edge) => _open.GetValueOrDefault(edge);

    /// <summary>The node has just connected: opens what can be opened with those who are connected already.</summary>
    public void Attach(NodeState node)
    {
        foreach (var input in node.Inputs)
            TryOpen(input);
        foreach (var input in node.Readers)
            TryOpen(input); // a loop onto itself is open already
    }

    /// <summary>Whether every edge that the node must have before it is ready is there: all but those to dynamic nodes.</summary>
    public static bool IsComplete(NodeState node) => node.Inputs.TrueForAll(IsSettled) && node.Readers.TrueForAll(IsSettled);

    /// <summary>Closes all edges that end at a node's process, in both directions; says nothing about its readers' inputs.</summary>
    public void Detach(NodeState node, string reason)
    {
        foreach (var input in node.Readers)
        {
            if (!input.IsRelayed)
                Close(input, reason);
        }
        foreach (var input in node.Inputs)
            Close(input, reason);
    }

    public void Close(InputState input, string reason)
    {
        if (input.Edge is not { } edge)
            return;
        input.Edge = null;
        _open.Remove(edge);
        turn.Emit(new Effect.CloseEdge(edge, reason));
    }

    private static bool IsSettled(InputState input) =>
        input.Edge is not null || input.IsClosed || input.Subscriber.IsDynamic || input.Publisher is { IsDynamic: true };

    private void TryOpen(InputState input)
    {
        if (input.Edge is not null || !CanSend(input) || !CanReceive(input.Subscriber))
            return;
        var edge = new EdgeId(++_lastEdge);
        input.Edge = edge;
        input.CloseReason = null;
        _open.Add(edge, input);
        turn.Emit(new Effect.OpenEdge(edge, input.Sender, input.Subscriber.Who, input.Spec));
        if (!input.ToldClosed)
            return;
        input.ToldClosed = false;
        turn.Emit(new Effect.SendInputRecovered(input.Subscriber.Who, input.Id));
    }

    private static bool CanSend(InputState input) =>
        input.Publisher is not { } publisher ? !input.IsClosed // logs that ended stay closed
        : input.IsRelayed ? !publisher.IsOver
        : publisher.Listens && !publisher.HasClosed(input.Output!.Value);

    private static bool CanReceive(NodeState subscriber) => subscriber.Listens && !subscriber.Finishing;
}
