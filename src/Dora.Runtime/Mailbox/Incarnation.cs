// SPDX-License-Identifier: Apache-2.0

using System.Runtime.ExceptionServices;
using Dora.Operators;
using Dora.Runtime.Outputs;
using Dora.Runtime.Scheduling;
using Dora.Runtime.State;

namespace Dora.Runtime.Mailbox;

/// <summary>One instance of an operator with what belongs to it alone; a restart makes another.</summary>
internal sealed class Incarnation
{
    public Incarnation(OperatorCell cell, IOperator instance, OperatorScheduler scheduler, InstanceState? state = null)
    {
        Cell = cell;
        Instance = instance;
        State = state;
        Sender = new OperatorSender(this, scheduler);
        Context = new OperatorSynchronizationContext(this, scheduler);
    }

    public OperatorCell Cell { get; }
    public IOperator Instance { get; }

    /// <summary>What it sees of the operator's state; null: the operator keeps none.</summary>
    public InstanceState? State { get; }

    /// <summary>What an asynchronous method of an operator with state threw in this turn: it comes as a callback of its own otherwise, after the commit.</summary>
    public ExceptionDispatchInfo? Thrown { get; set; }

    public OperatorSender Sender { get; }
    public OperatorSynchronizationContext Context { get; }

    /// <summary>Whether this is the instance that gets events. Continuations of an older one still run, but can't send.</summary>
    public bool IsCurrent => ReferenceEquals(Cell.Current, this);
}
