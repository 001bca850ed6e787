// SPDX-License-Identifier: Apache-2.0

using Wire = Dora.Protocol.Messages;

namespace Dora.Nodes;

/// <content>What only the operator runtime and the C API need.</content>
public sealed partial class DoraNode
{
    /// <summary>Like <see cref="Recv(TimeSpan)"/>, but the event is the caller's until it is disposed, however many follow.</summary>
    internal DoraEvent? RecvOwned(TimeSpan timeout) => _events.ReceiveOwned(timeout);

    /// <summary>Like <see cref="WaitAny"/>, but the event is the caller's until it is disposed.</summary>
    internal InputEvent? WaitAnyOwned(ReadOnlySpan<string> inputs, TimeSpan timeout) => _events.WaitAny(inputs, timeout, isLent: false);

    /// <summary>Whether the last wait for chosen inputs ended because nothing can come any more, or because the node is to stop. Receiving thread.</summary>
    internal bool WaitedInVain => _events.WaitedInVain;

    /// <summary>Like <see cref="WaitAll"/>, but the event is the caller's until it is disposed.</summary>
    internal JoinedEvent? WaitAllOwned(ReadOnlySpan<string> inputs, TimeSpan timeout) => _events.WaitAll(inputs, timeout, isLent: false);

    /// <summary>Like <see cref="Recv(TimeSpan)"/>, and ends early when <paramref name="wake"/> is cancelled and <see cref="Wake"/> called.</summary>
    internal DoraEvent? Recv(TimeSpan timeout, CancellationToken wake) => _events.Receive(timeout, wake);

    /// <summary>Makes a waiting receiver look again. Any thread.</summary>
    internal void Wake() => _events.Wake();

    /// <summary>Leaves the messages of an input in its queue, where its policy holds, until it is resumed. Receiving thread.</summary>
    internal void SetPaused(string inputId, bool isPaused) => _wiring.Inputs[inputId].IsPaused = isPaused;

    /// <summary>Tells the daemon what became of the messages of an operator's join.</summary>
    internal void Report(Wire.JoinReport report) => _link.TrySend(new Wire.NodeToDaemon { JoinReport = report });

    /// <summary>Tells the daemon what became of an operator.</summary>
    internal void Report(Wire.OperatorReport report) => _link.TrySend(new Wire.NodeToDaemon { OperatorReport = report });
}
