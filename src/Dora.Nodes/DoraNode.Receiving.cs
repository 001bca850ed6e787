// SPDX-License-Identifier: Apache-2.0

using System.Diagnostics.CodeAnalysis;

namespace Dora.Nodes;

/// <content>Receiving.</content>
public sealed partial class DoraNode : IAsyncEnumerable<DoraEvent>
{
    /// <summary>Whether nothing will be received any more: the node was stopped and what was queued has been received.</summary>
    public bool HasEnded => _events.HasEnded;

    /// <summary>Control events that wait; for tests.</summary>
    internal int ControlEventCount => _events.ControlCount;

    /// <summary>Retained events that were forgotten instead of disposed. Each kept memory from its publisher until the garbage collector ran.</summary>
    public int ForgottenEvents => _pool.Forgotten;

    /// <summary>Waits for the next event. Takes back the one before.</summary>
    /// <returns>The event; null when the node has ended (<see cref="HasEnded"/>).</returns>
    /// <exception cref="InvalidOperationException">Another thread is receiving.</exception>
    public DoraEvent? Recv() => _events.Receive(Timeout.InfiniteTimeSpan);

    /// <summary>Waits for the next event, for so long at most. Takes back the one before.</summary>
    /// <param name="timeout">Zero: do not wait. <see cref="Timeout.InfiniteTimeSpan"/>: no limit.</param>
    /// <returns>The event; null when time is up or the node has ended (<see cref="HasEnded"/>).</returns>
    /// <exception cref="InvalidOperationException">Another thread is receiving.</exception>
    public DoraEvent? Recv(TimeSpan timeout) => _events.Receive(timeout);

    /// <summary>Takes the next event if there is one. Takes back the one before.</summary>
    /// <exception cref="InvalidOperationException">Another thread is receiving.</exception>
    public bool TryRecv([NotNullWhen(true)] out DoraEvent? next) => (next = _events.Receive(TimeSpan.Zero)) is not null;

    /// <summary>Waits until one of some inputs has a message. Everything else stays queued, in its order, and is received afterwards.</summary>
    /// <param name="inputs">Their names: <c>node.WaitAny(["left", "right"], timeout)</c>.</param>
    /// <param name="timeout">Zero: do not wait. <see cref="Timeout.InfiniteTimeSpan"/>: no limit.</param>
    /// <returns>The message, as valid as if <see cref="Recv()"/> had given it. Null when time is up, when the node is to stop or has ended (<see cref="Recv()"/> tells), or
    /// when all these inputs are closed and drained.</returns>
    /// <remarks>Queues keep their policies meanwhile: what is not wanted for long may be dropped, or make its sender wait.</remarks>
    /// <exception cref="ArgumentException">The node has no such input, or the input belongs to the node's <c>join</c>.</exception>
    /// <exception cref="InvalidOperationException">Another thread is receiving.</exception>
    public InputEvent? WaitAny(ReadOnlySpan<string> inputs, TimeSpan timeout) => _events.WaitAny(inputs, timeout);

    /// <summary>Waits until each of some inputs has a message, and takes the oldest of each. Everything else stays queued, in its order, and is received afterwards.</summary>
    /// <param name="inputs">Their names.</param>
    /// <param name="timeout">Zero: do not wait. <see cref="Timeout.InfiniteTimeSpan"/>: no limit.</param>
    /// <returns>The messages. Null, and nothing is taken, when time is up, when the node is to stop or has ended (<see cref="Recv()"/> tells), or when one of these
    /// inputs is closed and drained.</returns>
    /// <inheritdoc cref="WaitAny" path="/remarks"/>
    /// <inheritdoc cref="WaitAny" path="/exception"/>
    public JoinedEvent? WaitAll(ReadOnlySpan<string> inputs, TimeSpan timeout) => _events.WaitAll(inputs, timeout);

    /// <summary>Takes all events that are there, without waiting. All of them are valid until the next receive call.</summary>
    /// <exception cref="InvalidOperationException">Another thread is receiving.</exception>
    public IReadOnlyList<DoraEvent> Drain() => _events.Drain();

    /// <summary>Waits for the next event without blocking a thread. Takes back the one before.</summary>
    /// <param name="cancellation">Ends the wait; no event is lost by that.</param>
    /// <returns>The event; null when the node has ended.</returns>
    /// <remarks>
    /// The continuation runs on the node's receiving thread, not on the thread pool: that saves about 10 µs for each message. A
    /// continuation may block that thread as it likes, since nobody else needs it.
    /// </remarks>
    /// <exception cref="InvalidOperationException">Another thread is receiving.</exception>
    /// <exception cref="OperationCanceledException">The wait was cancelled.</exception>
    public ValueTask<DoraEvent?> RecvAsync(CancellationToken cancellation = default) => Async.ReceiveAsync(cancellation);

    /// <summary>All events until the node ends: <c>await foreach (var e in node)</c>. Each is taken back when the next is asked for.</summary>
    public async IAsyncEnumerator<DoraEvent> GetAsyncEnumerator(CancellationToken cancellationToken = default)
    {
        while (await RecvAsync(cancellationToken).ConfigureAwait(false) is { } next)
            yield return next;
    }
}
