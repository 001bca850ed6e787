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
    private MessageHold? _hold;    // null while idle; taken out by whoever disposes first
    private uint _generation;      // counts uses, so that a stale Payload is recognised
    private byte[] _metadata = []; // private copy: what lies in shared memory could still change while it is read
    private int _metadataLength;
    private MetadataParameters? _parameters; // decoded on demand, dropped with the use

    internal InputEvent(EventPool pool) => _pool = pool;

    /// <summary>Gives a retained message back that the program forgot. The node counts it and warns.</summary>
    ~InputEvent()
    {
        if (_hold is { } hold)
        {
            _pool.CountForgotten();
            hold.Release();
        }
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
        var hold = Volatile.Read(ref _hold);
        ObjectDisposedException.ThrowIf(hold is null, this);
        hold.Add();
        var retained = _pool.RentEvent();
        retained.Start(Id, hold, _metadata.AsSpan(0, _metadataLength));
        return retained;
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        base.Dispose();
        if (Interlocked.Exchange(ref _hold, null) is not { } hold)
            return;

        // The finalizer stays armed: a pooled object lives on, and may be forgotten in its next use.
        Volatile.Write(ref _generation, _generation + 1);
        hold.Release();
        _pool.Return(this);
    }

    internal uint Generation => Volatile.Read(ref _generation);

    /// <summary>Begins a use with a message that this event now owns.</summary>
    internal void Start(string id, in Message message)
    {
        var hold = _pool.RentHold();
        hold.Start(message);
        Start(id, hold, message.Metadata);
    }

    /// <summary>The message, if this use of the event is still the one that the caller means.</summary>
    /// <exception cref="ObjectDisposedException">It was given back.</exception>
    internal Message Use(uint generation)
    {
        var hold = Volatile.Read(ref _hold);
        if (hold is null || Volatile.Read(ref _generation) != generation)
            ThrowGivenBack();
        return hold!.Message;
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

    private void Start(string id, MessageHold hold, ReadOnlySpan<byte> metadata)
    {
        Id = id;
        _parameters = null;
        _metadataLength = metadata.Length;
        if (_metadata.Length < metadata.Length)
            _metadata = new byte[metadata.Length];
        metadata.CopyTo(_metadata);
        Volatile.Write(ref _hold, hold);
    }
}
