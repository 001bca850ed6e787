// SPDX-License-Identifier: Apache-2.0

using Dora.Middleware;
using Dora.Nodes.Events;
using Dora.Protocol;

namespace Dora.Nodes;

/// <summary>A message on one of the node's inputs, read in place in the memory that its publisher wrote.</summary>
/// <remarks>
/// <inheritdoc cref="DoraEvent" path="/remarks/para"/>
/// <para>While it is held, its publisher cannot use the memory again: a node that retains many events makes its publisher drop
/// messages or wait, as the input's queue policy says.</para>
/// </remarks>
public sealed class InputEvent : DoraEvent
{
    private readonly EventPool _pool;
    private Message _message;      // written while idle, by the one who starts or ends a use
    private MessageHold? _hold;    // null until the message is shared with a retained event; then who gives it back is its business
    private int _isLive;           // 1 during a use; taken back by whoever disposes first
    private uint _generation;      // counts uses, so that a stale Payload is recognised
    private byte[] _metadata = []; // private copy: what lies in shared memory could still change while it is read
    private int _metadataLength;
    private MetadataParameters? _parameters; // decoded on demand, dropped with the use

    internal InputEvent(EventPool pool) => _pool = pool;

    /// <summary>Gives a retained message back that the program forgot. The node counts it and warns.</summary>
    ~InputEvent()
    {
        if (_isLive == 0)
            return;
        _pool.CountForgotten();
        if (_hold is { } hold)
            hold.Release();
        else
            _message.Dispose();
    }

    /// <inheritdoc/>
    public override EventKind Kind => EventKind.Input;

    /// <summary>The input, as named in the dataflow.</summary>
    public string Id { get; private set; } = "";

    /// <summary>The payload: bytes, or an Arrow array over the same bytes. Empty for timer ticks.</summary>
    public Payload Data => new(this, _generation);

    /// <summary>Time stamp and parameters.</summary>
    public Metadata Metadata => new(this, _generation);

    /// <summary>Number of the message within its publisher, from 1. A gap means messages that this input did not get.</summary>
    public ulong Sequence => Use(_generation).Sequence;

    /// <inheritdoc/>
    public override InputEvent Retain()
    {
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _isLive) == 0, this);
        var hold = Volatile.Read(ref _hold);
        if (hold is null)
        {
            var first = _pool.RentHold();
            first.Start(_message); // this event is the one holder
            hold = Interlocked.CompareExchange(ref _hold, first, null) ?? first;
            if (hold != first)
                first.Abandon(); // another thread was faster
        }

        hold.Add();
        var retained = _pool.RentEvent();
        retained.Start(Id, hold.Message, hold, _metadata.AsSpan(0, _metadataLength));
        return retained;
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        base.Dispose();
        if (!TryEnd(out var message, out var hold))
            return;
        if (hold is null)
            message.Dispose();
        else
            hold.Release();
        _pool.Return(this);
    }

    /// <summary>The same by the receiver, who lent the event: without a lock.</summary>
    internal void GiveBack()
    {
        if (!TryEnd(out var message, out var hold))
            return;
        if (hold is null)
            message.DisposeOnTaker();
        else
            hold.Release();
        _pool.ReturnByReceiver(this);
    }

    internal uint Generation => Volatile.Read(ref _generation);

    /// <summary>Begins a use with a message that this event now owns.</summary>
    internal void Start(string id, in Message message) => Start(id, message, null, message.Metadata);

    /// <summary>The message, if this use of the event is still the one that the caller means.</summary>
    /// <exception cref="ObjectDisposedException">It was given back.</exception>
    internal Message Use(uint generation)
    {
        if (Volatile.Read(ref _isLive) == 0 || Volatile.Read(ref _generation) != generation)
            ThrowGivenBack();
        return _message;
    }

    /// <summary>Encoded metadata, private to this event.</summary>
    internal ReadOnlySpan<byte> EncodedMetadata(uint generation)
    {
        Use(generation);
        return _metadata.AsSpan(0, _metadataLength);
    }

    internal MetadataParameters Parameters(uint generation)
    {
        Use(generation);
        return _parameters ??= _metadataLength == 0
            ? MetadataParameters.Empty
            : MetadataParameters.Decode(_metadata.AsSpan(0, _metadataLength)).Freeze();
    }

    private static void ThrowGivenBack() => throw new ObjectDisposedException(
        nameof(InputEvent),
        "The event was given back: it was disposed, or the node received the next one. Call Retain() to keep an event longer.");

    private void Start(string id, in Message message, MessageHold? hold, ReadOnlySpan<byte> metadata)
    {
        Id = id;
        _parameters = null;
        _metadataLength = metadata.Length;
        if (metadata.Length > 0)
        {
            if (_metadata.Length < metadata.Length)
                _metadata = new byte[metadata.Length];
            metadata.CopyTo(_metadata);
        }

        _message = message;
        _hold = hold;
        Volatile.Write(ref _isLive, 1);
    }

    /// <summary>Ends this use. True for exactly one of those who try.</summary>
    private bool TryEnd(out Message message, out MessageHold? hold)
    {
        (message, hold) = (default, null);
        if (Interlocked.Exchange(ref _isLive, 0) == 0)
            return false;

        // The finalizer stays armed: a pooled object lives on, and may be forgotten in its next use.
        Volatile.Write(ref _generation, _generation + 1);
        (message, hold) = (_message, _hold);
        _message = default;
        _hold = null;
        return true;
    }
}
