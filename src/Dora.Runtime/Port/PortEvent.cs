// SPDX-License-Identifier: Apache-2.0

using Dora.Operators;
using Dora.Runtime.Mailbox;

namespace Dora.Runtime.Port;

/// <summary>Something that the runtime node received. A plain value, so that receiving allocates nothing.</summary>
/// <param name="Kind">What, and so which of the others mean something.</param>
/// <param name="Id">Input (<c>operator/input</c>), node or operator.</param>
/// <param name="Sample">The message of an input; one reference, which the receiver of the event owns.</param>
/// <param name="Reason">For people; of a reload where the program is now, empty: where it was.</param>
/// <param name="AffectedInputs">Inputs that a failed node feeds.</param>
/// <param name="Sibling">The input that another loop's news is about.</param>
internal readonly record struct PortEvent(
    PortEventKind Kind,
    string Id = "",
    OperatorSample? Sample = null,
    string Reason = "",
    IReadOnlyList<string>? AffectedInputs = null,
    OperatorInput? Sibling = null);

/// <summary>Kinds of <see cref="PortEvent"/>.</summary>
internal enum PortEventKind
{
    /// <summary>Nothing happened.</summary>
    None,

    /// <summary>A message.</summary>
    Input,

    /// <summary>An input is over, and drained.</summary>
    InputClosed,

    /// <summary>An input missed its time-out; it may recover.</summary>
    InputLate,

    /// <summary>A late input brings messages again.</summary>
    InputRecovered,

    /// <summary>A node upstream was started again.</summary>
    NodeRestarted,

    /// <summary>A node upstream failed.</summary>
    NodeFailed,

    /// <summary>All inputs of the node are over: operators finish what they have, then end.</summary>
    Finish,

    /// <summary>Somebody stopped the dataflow: operators end now.</summary>
    Stop,

    /// <summary>An operator's program changed.</summary>
    Reload,

    /// <summary>Nothing will ever come any more.</summary>
    Ended,

    /// <summary>From an operator of another loop: there is one message more in the queue of <see cref="PortEvent.Sibling"/>.</summary>
    Handed,

    /// <summary>To an operator whose receiver is in another loop: the lossless queue of <see cref="PortEvent.Sibling"/> has room again.</summary>
    Room,

    /// <summary>From an operator of another loop: it has ended, and feeds <see cref="PortEvent.Sibling"/> no more.</summary>
    SiblingClosed,

    /// <summary>From a join of another loop, which waits with a member's queue full: whoever feeds it looks whether it waits for itself.</summary>
    Look,
}
