// SPDX-License-Identifier: Apache-2.0

namespace Dora.Operators;

/// <summary>A light component that shares a runtime process with others: it reacts to events and sends outputs.</summary>
/// <remarks>
/// <para>An assembly has exactly one public class that implements this, or marks one with <see cref="OperatorAttribute"/>. The class has
/// a public constructor without parameters, or one that takes its <see cref="OperatorState"/>, and may implement <see cref="IDisposable"/>.</para>
/// <para>Threads: one event at a time, all of them on one thread of the runtime, the one that the descriptor names for the operator; <see cref="IDisposable.Dispose"/> too.
/// What is started with <c>await</c> or <see cref="Task"/> continues on that same thread, between two events.</para>
/// <para>Errors: an exception ends this instance. A new one takes its place and gets the next event; after five restarts within a minute
/// the operator has failed for good and its outputs close. Other operators do not notice.</para>
/// <para>Do not block: the other operators of the runtime wait meanwhile. What is slow or blocks belongs in a node of its own.</para>
/// </remarks>
public interface IOperator
{
    /// <summary>Reacts to one event.</summary>
    /// <param name="e">Valid until this method returns; <see cref="OperatorEvent.Retain"/> keeps its data longer.</param>
    /// <param name="output">Sends outputs; usable during this call, and in what this operator awaits.</param>
    /// <returns>Whether to go on. After <see cref="OperatorEventKind.Stop"/> the operator ends, whatever it answers.</returns>
    DoraStatus OnEvent(in OperatorEvent e, OutputSender output);
}

/// <summary>An operator's answer to an event. The numbers are those of dora's C interface.</summary>
public enum DoraStatus
{
    /// <summary>Send more events.</summary>
    Continue = 0,

    /// <summary>This operator is done: it gets no more events, and its outputs close.</summary>
    Stop = 1,

    /// <summary>The whole dataflow is done.</summary>
    StopAll = 2,
}

/// <summary>Marks the operator of an assembly that has more than one <see cref="IOperator"/>.</summary>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public sealed class OperatorAttribute : Attribute;
