// SPDX-License-Identifier: Apache-2.0

using Apache.Arrow;
using Dora.Protocol;

namespace Dora.Operators;

/// <summary>What an operator is told. Look at <see cref="Kind"/> first; it says which other properties mean something.</summary>
/// <remarks>A ref struct over the sender's own memory: nothing is copied, and the compiler sees to it that nothing outlives the call.</remarks>
public readonly ref struct OperatorEvent
{
    private readonly OperatorSample? _sample;
    private readonly JoinedSamples? _joined;
    private readonly MetadataParameters? _parameters;
    private readonly IArrowArray? _array; // of an event that a test made
    private readonly ulong _timestampNs;

    internal OperatorEvent(string id, OperatorSample sample)
    {
        Kind = OperatorEventKind.Input;
        Id = id;
        Data = sample.Data.Span;
        Reason = "";
        _sample = sample;
    }

    internal OperatorEvent(OperatorEventKind kind, string id, string reason)
    {
        Kind = kind;
        Id = id;
        Reason = reason;
    }

    internal OperatorEvent(JoinedSamples joined)
    {
        Kind = OperatorEventKind.Joined;
        Id = "";
        Reason = "";
        _joined = joined;
    }

    private OperatorEvent(string id, ReadOnlySpan<byte> data, IArrowArray? array, MetadataParameters? parameters, ulong timestampNs)
    {
        _array = array;
        Kind = OperatorEventKind.Input;
        Id = id;
        Data = data;
        Reason = "";
        _parameters = parameters;
        _timestampNs = timestampNs;
    }

    /// <summary>What happened.</summary>
    public OperatorEventKind Kind { get; }

    /// <summary>The input that the event is about, as the descriptor names it; for node events the node; empty for <see cref="OperatorEventKind.Stop"/>.</summary>
    public string Id { get; }

    /// <summary>The payload of an <see cref="OperatorEventKind.Input"/>, in the memory that its sender wrote; empty for timers.</summary>
    public ReadOnlySpan<byte> Data { get; }

    /// <summary>Why, for people; empty when there is nothing to say.</summary>
    public string Reason { get; }

    /// <summary>When an input was sent: hybrid logical clock, nanoseconds since 1970 UTC.</summary>
    public ulong TimestampNs => _sample?.TimestampNs ?? _timestampNs;

    /// <summary>When an input was sent, to .NET's 100 ns.</summary>
    public DateTimeOffset Timestamp => UnixTime.FromNs(TimestampNs);

    /// <summary>The parameters that came with an input; read-only, and safe to keep.</summary>
    /// <exception cref="ProtocolException">The sender's metadata is malformed.</exception>
    public MetadataParameters Parameters => _sample?.Parameters ?? _parameters ?? MetadataParameters.Empty;

    /// <summary>Whether an input is a typed Arrow array rather than plain bytes. <see cref="Data"/> then is its buffers, one after the other.</summary>
    public bool IsTyped => _array is not null || _sample is { IsTyped: true };

    /// <summary>The Arrow array that was sent, over the memory that its sender wrote: nothing is copied. Plain bytes are a UInt8 array.</summary>
    /// <remarks>It is as valid as the event: <see cref="Retain"/> the event, and take the array from the sample, to keep it longer.</remarks>
    /// <exception cref="DoraException">The description of the array is broken.</exception>
    /// <exception cref="InvalidOperationException">The event is not an input.</exception>
    public IArrowArray AsArrow() => Kind != OperatorEventKind.Input
        ? throw new InvalidOperationException($"A {Kind} event has no data.")
        : _array ?? _sample?.AsArrow() ?? ArrowBytes.Over(Data.ToArray());

    /// <summary>The Arrow array that was sent, if it is of the type that the operator expects.</summary>
    /// <inheritdoc cref="AsArrow()" path="/remarks"/>
    /// <exception cref="DoraException">It is of another type, or its description is broken.</exception>
    /// <exception cref="InvalidOperationException">The event is not an input.</exception>
    public TArray AsArrow<TArray>()
        where TArray : class, IArrowArray => ArrowBytes.Expect<TArray>(AsArrow());

    /// <summary>The messages of a <see cref="OperatorEventKind.Joined"/> event.</summary>
    /// <exception cref="InvalidOperationException">The event is of another kind.</exception>
    public JoinedSamples Joined => _joined ?? throw new InvalidOperationException($"A {Kind} event has no set of messages.");

    internal OperatorSample? Sample => _sample;

    /// <summary>Keeps the data of an input beyond the call, without copying it.</summary>
    /// <returns>The caller's to dispose; the sender's memory stays in use until then.</returns>
    /// <exception cref="InvalidOperationException">The event is not an input.</exception>
    public RetainedSample Retain() => Kind != OperatorEventKind.Input
        ? throw new InvalidOperationException($"A {Kind} event has no data to retain.")
        : new RetainedSample(_sample ?? new CopiedSample(Data.ToArray(), _array, TimestampNs, Parameters));

    /// <summary>An input event, for tests of operators.</summary>
    public static OperatorEvent ForInput(string id, ReadOnlySpan<byte> data, MetadataParameters? parameters = null, ulong timestampNs = 0) =>
        new(id, data, null, parameters, timestampNs);

    /// <summary>An input event with a typed Arrow array, for tests of operators; its <see cref="Data"/> is empty.</summary>
    public static OperatorEvent ForInput(string id, IArrowArray array, MetadataParameters? parameters = null, ulong timestampNs = 0)
    {
        ArgumentNullException.ThrowIfNull(array);
        return new OperatorEvent(id, default, array, parameters, timestampNs);
    }

    /// <summary>A set of messages, for tests of operators.</summary>
    /// <param name="messages">Input and data of each; data that is null: the input is missing.</param>
    public static OperatorEvent ForJoined(params IEnumerable<(string Input, byte[]? Data)> messages)
    {
        ArgumentNullException.ThrowIfNull(messages);
        return new OperatorEvent(new GivenSamples(messages));
    }

    /// <summary>An event of another kind, for tests of operators.</summary>
    public static OperatorEvent ForControl(OperatorEventKind kind, string id = "", string reason = "") => kind is OperatorEventKind.Input or OperatorEventKind.Joined
        ? throw new ArgumentException("Inputs come from ForInput, sets from ForJoined.", nameof(kind))
        : new OperatorEvent(kind, id, reason);

    private sealed class CopiedSample(byte[] data, IArrowArray? array, ulong timestampNs, MetadataParameters parameters) : OperatorSample
    {
        public override ReadOnlyMemory<byte> Data => data;
        public override ulong TimestampNs => timestampNs;
        public override MetadataParameters Parameters => parameters;
        public override bool IsTyped => array is not null;

        public override IArrowArray AsArrow() => array ?? base.AsArrow();

        public override void AddReference()
        {
        }

        public override void Release()
        {
        }
    }
}

/// <summary>Kinds of <see cref="OperatorEvent"/>.</summary>
public enum OperatorEventKind
{
    /// <summary>A message on input <see cref="OperatorEvent.Id"/>, or a timer's tick.</summary>
    Input,

    /// <summary>Input <see cref="OperatorEvent.Id"/> brings nothing more, or is late; comes after its last message.</summary>
    InputClosed,

    /// <summary>Input <see cref="OperatorEvent.Id"/> was late and brings messages again.</summary>
    InputRecovered,

    /// <summary>Node <see cref="OperatorEvent.Id"/>, which feeds this operator, was started again.</summary>
    NodeRestarted,

    /// <summary>Node <see cref="OperatorEvent.Id"/>, which feeds this operator, failed; <see cref="OperatorEvent.Reason"/> says how.</summary>
    NodeFailed,

    /// <summary>The last event: all inputs are closed, or somebody stopped the dataflow.</summary>
    Stop,

    /// <summary>
    /// The message on input <see cref="OperatorEvent.Id"/> before this event was handled after its deadline; for operators whose descriptor says
    /// <c>on_miss: event</c>. <see cref="OperatorEvent.Reason"/> says how late.
    /// </summary>
    DeadlineMissed,

    /// <summary>Messages of several inputs that belong together: <see cref="OperatorEvent.Joined"/>; for operators whose descriptor has a <c>join</c>.</summary>
    Joined,
}
