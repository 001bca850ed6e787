// SPDX-License-Identifier: Apache-2.0

using System.Buffers;
using Apache.Arrow;
using Dora.Middleware;
using Dora.Nodes.Arrow;
using Dora.Nodes.Sending;
using Dora.Platform.Memory;
using Dora.Protocol;
using Status = Dora.Middleware.SendStatus;

namespace Dora.Nodes;

/// <summary>Writes a payload into shared memory. The span is as long as asked for and not zeroed: write all of it.</summary>
public delegate void PayloadWriter(Span<byte> payload);

/// <summary>One output of this node. Get it once from <see cref="DoraNode.GetOutput"/> and send through it without looking its name up.</summary>
/// <remarks>Threading: any thread may send; messages of several threads take turns. Waiting does not keep others from trying.</remarks>
public sealed class NodeOutput
{
    /// <summary>Room for metadata in a loan when the program does not say how much it will need.</summary>
    public const int LoanMetadataBytes = 1024;

    /// <summary>How soon a sender that waits notices that the node shall stop.</summary>
    private static readonly TimeSpan WaitSlice = TimeSpan.FromMilliseconds(50);

    private readonly SharedMemoryPublisher _publisher;
    private readonly SendContext _context;
    private readonly Lock _arrowLock = new(); // keeps _arrow to one thread; never held while waiting
    private readonly ArrowWriter _arrow = new();
    private volatile bool _closed;

    internal NodeOutput(string id, SharedMemoryPublisher publisher, SendContext context)
    {
        Id = id;
        _publisher = publisher;
        _context = context;
        Stalls = new StallReport(id, publisher, context);
    }

    /// <summary>Its name in the dataflow.</summary>
    public string Id { get; }

    /// <summary>How many inputs the next message would reach.</summary>
    public int SubscriberCount => _publisher.EdgeCount;

    /// <summary>Whether sending is over: the output or the node was closed.</summary>
    public bool IsClosed => _closed;

    internal SharedMemoryPublisher Publisher => _publisher;

    /// <summary>Knows the readers by name.</summary>
    internal StallReport Stalls { get; }

    /// <summary>Sends bytes: one copy, whatever the number of subscribers. Waits while one of them pushes back.</summary>
    /// <returns><see cref="SendStatus.Sent"/>, or <see cref="SendStatus.Stopping"/> or <see cref="SendStatus.Closed"/> if waiting became pointless.</returns>
    /// <exception cref="MessageTooLargeException">It can never be sent.</exception>
    public SendStatus Send(ReadOnlySpan<byte> data, MetadataParameters? parameters = null) => SendBytes(data, parameters, wait: true);

    /// <summary>Sends bytes with the parameters of a received message, which are passed on without being decoded.</summary>
    /// <inheritdoc cref="Send(ReadOnlySpan{byte}, MetadataParameters?)" path="/returns|/exception"/>
    public SendStatus Send(ReadOnlySpan<byte> data, Metadata forward) => SendBytes(data, forward, wait: true);

    /// <summary>Like <see cref="Send(ReadOnlySpan{byte}, MetadataParameters?)"/>, but never waits.</summary>
    /// <exception cref="MessageTooLargeException">It can never be sent.</exception>
    public SendStatus TrySend(ReadOnlySpan<byte> data, MetadataParameters? parameters = null) => SendBytes(data, parameters, wait: false);

    /// <summary>Like <see cref="Send(ReadOnlySpan{byte}, Metadata)"/>, but never waits.</summary>
    /// <exception cref="MessageTooLargeException">It can never be sent.</exception>
    public SendStatus TrySend(ReadOnlySpan<byte> data, Metadata forward) => SendBytes(data, forward, wait: false);

    /// <summary>Passes a received message on as it came: bytes, parameters and, of an Arrow array, its type. One copy.</summary>
    /// <inheritdoc cref="Send(ReadOnlySpan{byte}, MetadataParameters?)" path="/returns|/exception"/>
    public SendStatus Forward(InputEvent input)
    {
        ArgumentNullException.ThrowIfNull(input);
        return ForwardCore(input, wait: true);
    }

    /// <summary>Like <see cref="Forward"/>, but never waits.</summary>
    internal SendStatus TryForward(InputEvent input) => ForwardCore(input, wait: false);

    /// <summary>Sends bytes with metadata that is encoded already. Never waits.</summary>
    internal SendStatus TrySendEncoded(ReadOnlySpan<byte> data, ReadOnlySpan<byte> metadata) =>
        SendEncoded(data, metadata, MetadataEncoder.FlagsOf(metadata), wait: false);

    private SendStatus ForwardCore(InputEvent input, bool wait)
    {
        var metadata = input.Metadata.Encoded;
        return SendEncoded(input.Data, metadata, MetadataEncoder.FlagsOf(metadata), wait);
    }

    /// <summary>Lets the program write a message straight into shared memory, then sends it. Waits while a subscriber pushes back.</summary>
    /// <param name="length">Bytes of the payload.</param>
    /// <param name="write">Fills all of them. If it throws, nothing is sent.</param>
    /// <param name="parameters">Metadata.</param>
    /// <inheritdoc cref="Send(ReadOnlySpan{byte}, MetadataParameters?)" path="/returns|/exception"/>
    public SendStatus SendRaw(int length, PayloadWriter write, MetadataParameters? parameters = null)
    {
        ArgumentNullException.ThrowIfNull(write);
        return SendRaw(length, write, static (payload, write) => write(payload), parameters);
    }

    /// <summary>As above, for a writer without captured variables: then nothing is allocated.</summary>
    /// <param name="length">Bytes of the payload.</param>
    /// <param name="state">Given to <paramref name="write"/>.</param>
    /// <param name="write">Fills all of them. If it throws, nothing is sent.</param>
    /// <param name="parameters">Metadata.</param>
    /// <inheritdoc cref="Send(ReadOnlySpan{byte}, MetadataParameters?)" path="/returns|/exception"/>
    public SendStatus SendRaw<TState>(int length, TState state, SpanAction<byte, TState> write, MetadataParameters? parameters = null)
    {
        ArgumentNullException.ThrowIfNull(write);
        var status = LoanCore(length, parameters?.EncodedSize() ?? 0, wait: true, out var loan);
        if (status != SendStatus.Sent)
            return status;
        try
        {
            write(loan.Payload, state);
            return Commit(ref loan, length, parameters, wait: true);
        }
        finally
        {
            loan.Dispose();
        }
    }

    /// <summary>Sends a typed Arrow array: its buffers are copied once, its type travels as metadata. Waits while a subscriber pushes back.</summary>
    /// <param name="array">Stays the caller's; it may be disposed or changed afterwards.</param>
    /// <param name="parameters">Metadata.</param>
    /// <inheritdoc cref="Send(ReadOnlySpan{byte}, MetadataParameters?)" path="/returns|/exception"/>
    /// <exception cref="NotSupportedException">dora cannot carry the array's type; the message names it.</exception>
    public SendStatus Send(IArrowArray array, MetadataParameters? parameters = null) => SendArrow(array, parameters, wait: true);

    /// <summary>Like <see cref="Send(IArrowArray, MetadataParameters?)"/>, but never waits.</summary>
    /// <inheritdoc cref="Send(IArrowArray, MetadataParameters?)" path="/exception"/>
    public SendStatus TrySend(IArrowArray array, MetadataParameters? parameters = null) => SendArrow(array, parameters, wait: false);

    /// <summary>Lends shared memory to build a message in. Waits while all of it is in use.</summary>
    /// <param name="length">Bytes of the payload; fewer may be sent.</param>
    /// <param name="metadataBytes">Room for metadata, in encoded bytes.</param>
    /// <exception cref="MessageTooLargeException">A message of this size can never be sent.</exception>
    /// <exception cref="ObjectDisposedException">The output or the node was closed, or shall stop and has no memory free.</exception>
    public OutputLoan Loan(int length, int metadataBytes = LoanMetadataBytes)
    {
        var status = LoanCore(length, metadataBytes, wait: true, out var loan);
        ObjectDisposedException.ThrowIf(status != SendStatus.Sent, this);
        return new OutputLoan(this, loan);
    }

    /// <summary>Lends shared memory if some is free.</summary>
    /// <param name="length">Bytes of the payload; fewer may be sent.</param>
    /// <param name="loan">Good if the answer is <see cref="SendStatus.Sent"/>.</param>
    /// <param name="metadataBytes">Room for metadata, in encoded bytes.</param>
    /// <exception cref="MessageTooLargeException">A message of this size can never be sent.</exception>
    public SendStatus TryLoan(int length, out OutputLoan loan, int metadataBytes = LoanMetadataBytes)
    {
        var status = LoanCore(length, metadataBytes, wait: false, out var inner);
        loan = new OutputLoan(this, inner);
        return status;
    }

    /// <summary>Lends shared memory to a holder on the heap, for language bindings.</summary>
    internal SendStatus Hold(int length, int metadataBytes, bool wait, out Loan loan) => LoanCore(length, metadataBytes, wait, out loan);

    /// <summary>Sends what was written into a held loan.</summary>
    /// <param name="held">After <see cref="SendStatus.BackPressured"/> and <see cref="SendStatus.PoolExhausted"/> it can be sent again.</param>
    /// <param name="payload">Exactly as lent; so <paramref name="metadata"/>.</param>
    /// <param name="metadata">Room for the parameters.</param>
    /// <param name="length">Bytes to send.</param>
    /// <param name="parameters">Metadata.</param>
    /// <param name="wait">Whether to wait while a subscriber pushes back.</param>
    internal SendStatus SendHeld(
        HeldLoan held, Span<byte> payload, Span<byte> metadata, int length, MetadataParameters? parameters, bool wait)
    {
        var loan = held.Resume(payload, metadata);
        return Commit(ref loan, length, parameters, wait);
    }

    /// <summary>Ends this output: subscribers receive what is queued, then <see cref="InputClosedEvent"/>. May be called again.</summary>
    public void Close()
    {
        if (_closed)
            return;
        _closed = true;
        _context.ReportClosed(Id);
    }

    /// <summary>The node ends: nothing is sent any more, and the daemon need not be told.</summary>
    internal void MarkClosed() => _closed = true;

    /// <summary>Sends what was written into a loan.</summary>
    internal SendStatus Commit(scoped ref Loan loan, int length, MetadataParameters? parameters, bool wait)
    {
        var metadata = MetadataEncoder.WriteTo(loan.Metadata, parameters);
        var flags = MetadataEncoder.FlagsOf(parameters);
        return CommitCore(ref loan, length, metadata, flags, wait);
    }

    private SendStatus CommitCore(scoped ref Loan loan, int length, int metadataLength, MessageFlags flags, bool wait)
    {
        StallReport.Wait stall = default;
        while (true)
        {
            if (_closed)
                return SendStatus.Closed;
            var status = _publisher.TryCommit(ref loan, length, metadataLength, _context.Clock.Now(), flags);
            if (!ShallRepeat(status, wait, flags, ref stall))
                return Translate(status, length, metadataLength, wait);
        }
    }

    private SendStatus SendBytes(ReadOnlySpan<byte> data, MetadataParameters? parameters, bool wait)
    {
        if (parameters is null || parameters.Count == 0)
            return SendEncoded(data, default, MessageFlags.None, wait);

        using var buffer = MetadataEncoder.Rent(parameters.EncodedSize());
        var length = MetadataEncoder.WriteTo(buffer.Span, parameters);
        return SendEncoded(data, buffer.Span[..length], MetadataEncoder.FlagsOf(parameters), wait);
    }

    private SendStatus SendBytes(ReadOnlySpan<byte> data, Metadata forward, bool wait)
    {
        var received = forward.Encoded;
        if (received.IsEmpty)
            return SendEncoded(data, default, MessageFlags.None, wait);

        using var buffer = MetadataEncoder.Rent(received.Length);
        var length = MetadataEncoder.CopyParameters(received, buffer.Span, out var flags);
        return SendEncoded(data, buffer.Span[..length], flags, wait);
    }

    private SendStatus SendEncoded(ReadOnlySpan<byte> data, ReadOnlySpan<byte> metadata, MessageFlags flags, bool wait)
    {
        StallReport.Wait stall = default;
        while (true)
        {
            if (_closed)
                return SendStatus.Closed;
            var status = _publisher.TrySend(data, metadata, _context.Clock.Now(), flags);
            if (!ShallRepeat(status, wait, flags, ref stall))
                return Translate(status, data.Length, metadata.Length, wait);
        }
    }

    private SendStatus SendArrow(IArrowArray array, MetadataParameters? parameters, bool wait)
    {
        ArgumentNullException.ThrowIfNull(array);
        Loan loan;
        int payloadLength, metadataLength;
        StallReport.Wait stall = default;
        while (true)
        {
            lock (_arrowLock)
            {
                _arrow.Plan(array.Data);
                var bytes = _arrow.PayloadBytes;
                var status = LoanCore(bytes, _arrow.MetadataBytesMax + (parameters?.EncodedSize() ?? 0), wait: false, out loan);
                if (status == SendStatus.Sent)
                {
                    (payloadLength, metadataLength) = ((int)bytes, MetadataEncoder.WriteTo(loan.Metadata, parameters, _arrow));
                    _arrow.WritePayload(loan.Payload);
                    _arrow.Clear();
                    break;
                }

                _arrow.Clear();
                if (!wait || status == SendStatus.Closed)
                    return status;
            }

            if (!WaitForSpace(MessageFlags.None, ref stall))
                return SendStatus.Stopping;
        }

        try
        {
            return CommitCore(ref loan, payloadLength, metadataLength, MetadataEncoder.FlagsOf(parameters), wait);
        }
        finally
        {
            loan.Dispose();
        }
    }

    private SendStatus LoanCore(long length, int metadataBytes, bool wait, out Loan loan)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        StallReport.Wait stall = default;
        while (true)
        {
            loan = default;
            if (_closed)
                return SendStatus.Closed;
            var status = _publisher.TryLoan(length, metadataBytes, out loan);
            if (!ShallRepeat(status, wait, MessageFlags.None, ref stall))
                return Translate(status, length, metadataBytes, wait);
        }
    }

    /// <summary>Waits if that is wanted and can help. True: try again.</summary>
    private bool ShallRepeat(Status status, bool wait, MessageFlags flags, ref StallReport.Wait stall) =>
        wait && status is (Status.BackPressured or Status.PoolExhausted) && WaitForSpace(flags, ref stall);

    /// <summary>False: the node shall stop, so nobody waits for queues any more.</summary>
    private bool WaitForSpace(MessageFlags flags, ref StallReport.Wait stall)
    {
        if (_context.IsStopping)
            return false;
        Stalls.Waited(ref stall);
        _publisher.WaitForSpace(WaitSlice, flags);
        return true;
    }

    private SendStatus Translate(Status status, long payloadBytes, long metadataBytes, bool wait) => status switch
    {
        Status.Sent => SendStatus.Sent,
        Status.Closed => SendStatus.Closed,
        Status.TooLarge => throw new MessageTooLargeException(_context, Id, payloadBytes, metadataBytes),
        Status.OutOfMemory => throw new MessageTooLargeException(Id, payloadBytes, metadataBytes, AvailableMemory.Tightest()),
        _ when wait => SendStatus.Stopping,
        Status.BackPressured => SendStatus.BackPressured,
        _ => SendStatus.PoolExhausted,
    };
}
