// SPDX-License-Identifier: Apache-2.0

using Dora.Nodes;

namespace Dora.Latency.Nodes;

/// <summary>Receiving messages when nothing but messages may come.</summary>
internal static class Receiving
{
    /// <summary>Waits for the next message.</summary>
    /// <exception cref="InvalidOperationException">Something else came: the other side has ended before its time.</exception>
    public static InputEvent Message(this DoraNode node) => node.Recv() switch
    {
        InputEvent message => message,
        { } other => throw new InvalidOperationException($"{node.Id} waits for a message and gets {other.Kind}."),
        null => throw new InvalidOperationException($"{node.Id} waits for a message and has ended."),
    };
}
