// SPDX-License-Identifier: Apache-2.0

using System.Buffers;
using Apache.Arrow;
using Dora.Protocol;

namespace Dora.Operators;

/// <summary>Sends an operator's outputs: by reference to operators of the same runtime, through shared memory to other nodes.</summary>
/// <remarks>
/// <para>Sending never waits. Where a receiver with <c>queue_policy: backpressure</c> is full, the message is kept and the operator gets no
/// further event until there is room; elsewhere the receiver's oldest message goes, and is counted.</para>
/// <para>Threads: only within <see cref="IOperator.OnEvent"/> and what it awaits; elsewhere every method throws
/// <see cref="InvalidOperationException"/>. Tests of operators derive from this class to record what is sent.</para>
/// </remarks>
public abstract class OutputSender
{
    /// <summary>Sends bytes that exist already: one copy, however many receivers there are.</summary>
    /// <param name="id">An output that the descriptor lists for this operator.</param>
    /// <param name="data">The payload; may be changed as soon as the call returns.</param>
    /// <param name="parameters">Metadata; copied unless read-only.</param>
    /// <exception cref="ArgumentException">The operator has no such output; so for all methods.</exception>
    public abstract void Send(string id, ReadOnlySpan<byte> data, MetadataParameters? parameters = null);

    /// <summary>Sends a typed Arrow array: its buffers are copied once, its type travels as metadata.</summary>
    /// <param name="id">An output that the descriptor lists for this operator.</param>
    /// <param name="array">Stays the caller's; it may be disposed or changed as soon as the call returns.</param>
    /// <param name="parameters">Metadata; copied unless read-only.</param>
    /// <exception cref="NotSupportedException">dora cannot carry the array's type; the message names it.</exception>
    public abstract void Send(string id, IArrowArray array, MetadataParameters? parameters = null);

    /// <summary>Sends bytes that are written straight into the message: no copy.</summary>
    /// <param name="id">An output that the descriptor lists for this operator.</param>
    /// <param name="length">Bytes of the payload.</param>
    /// <param name="state">Given to <paramref name="write"/>, so that it need not capture anything.</param>
    /// <param name="write">Writes all of the payload, which is not zeroed; called once, before this method returns.</param>
    /// <param name="parameters">Metadata; copied unless read-only.</param>
    public abstract void Send<TState>(
        string id, int length, TState state, SpanAction<byte, TState> write, MetadataParameters? parameters = null)
        where TState : allows ref struct;

    /// <summary>Passes an input on as it came. Operators of the same runtime get the very same memory.</summary>
    /// <param name="id">An output that the descriptor lists for this operator.</param>
    /// <param name="input">An event of kind <see cref="OperatorEventKind.Input"/>.</param>
    /// <param name="parameters">Metadata instead of the input's; null: all of the input's, the type of an Arrow array included.
    /// With metadata of its own a message is bytes.</param>
    public abstract void Forward(string id, in OperatorEvent input, MetadataParameters? parameters = null);

    /// <summary>Passes a sample on that was kept. Operators of the same runtime get the very same memory.</summary>
    /// <param name="id">An output that the descriptor lists for this operator.</param>
    /// <param name="sample">Stays the caller's.</param>
    /// <param name="parameters">Metadata instead of the sample's; null: the sample's.</param>
    public abstract void Forward(string id, RetainedSample sample, MetadataParameters? parameters = null);

    /// <summary>Writes a record to the dataflow's log, under the operator's name. A sender that a test derives ignores it, unless it overrides this.</summary>
    /// <param name="level">How grave it is.</param>
    /// <param name="message">For people.</param>
    /// <remarks>Threads: any, at any time.</remarks>
    public virtual void Log(OperatorLogLevel level, string message)
    {
    }
}

/// <summary>How grave a log record is.</summary>
public enum OperatorLogLevel
{
    /// <summary>Something failed.</summary>
    Error,

    /// <summary>Something is odd.</summary>
    Warn,

    /// <summary>Something happened.</summary>
    Info,

    /// <summary>For who looks for a mistake.</summary>
    Debug,

    /// <summary>Every step.</summary>
    Trace,
}
