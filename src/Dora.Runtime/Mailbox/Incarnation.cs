// SPDX-License-Identifier: Apache-2.0

using Dora.Operators;
using Dora.Runtime.Outputs;
using Dora.Runtime.Scheduling;

namespace Dora.Runtime.Mailbox;

/// <summary>One instance of an operator with what belongs to it alone; a restart makes another.</summary>
internal sealed class Incarnation
{
    public Incarnation(OperatorCell cell, IOperator instance, OperatorScheduler scheduler)
    {
        Cell = cell;
        Instance = instance;
        Sender = new OperatorSender(this, scheduler);
        Context = new OperatorSynchronizationContext(this, scheduler);
    }

    public OperatorCell Cell { get; }
    public IOperator Instance { get; }
    public OperatorSender Sender { get; }
    public OperatorSynchronizationContext Context { get; }

    /// <summary>Whether this is the instance that gets events. Continuations of an older one still run, but can't send.</summary>
    public bool IsCurrent => ReferenceEquals(Cell.Current, this);
}
