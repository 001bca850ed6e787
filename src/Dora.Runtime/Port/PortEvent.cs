// SPDX-License-Identifier: Apache-2.0

using Dora.Operators;

namespace Dora.Runtime.Port;

/// <summary>Something that the runtime node received. A plain value, so that receiving allocates nothing.</summary>
/// <param name="Kind">What, and so which of the others mean something.</param>
/// <param name="Id">Input (<c>operator/input</c>), node or operator.</param>
/// <param name="Sample">The message of an input; one reference, which the receiver of the event owns.</param>
/// <param name="Reason">For people.</param>
/// <param name="AffectedInputs">Inputs that a failed node feeds.</param>
internal readonly record struct PortEvent(
    PortEventKind Kind, string Id = "", OperatorSample? Sample = null, string Reason = "", IReadOnlyList<string>? AffectedInputs = null);

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
}
