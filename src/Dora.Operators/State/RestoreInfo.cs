// SPDX-License-Identifier: Apache-2.0

namespace Dora.Operators;

/// <summary>Why an instance of an operator was made, and in what shape its state is.</summary>
public sealed record RestoreInfo
{
    /// <summary>Instances that had this state before; 0 for the first.</summary>
    public int Incarnation { get; init; }

    /// <summary>Why there is a new one.</summary>
    public RestoreReason Reason { get; init; }

    /// <summary>The descriptor's <c>version</c> when the state was last committed; equal to the present one if it never was.</summary>
    /// <remarks>After a change of format the program knows by it what it finds.</remarks>
    public int Version { get; init; }

    /// <summary>Keys whose values are not what was written; they count as missing.</summary>
    public IReadOnlyList<string> DamagedKeys { get; init; } = [];
}

/// <summary>What came before an instance of an operator.</summary>
public enum RestoreReason
{
    /// <summary>Nothing: there was no state.</summary>
    FirstStart,

    /// <summary>An instance that failed.</summary>
    OperatorFailed,

    /// <summary>The runtime's process ended and was started again.</summary>
    RuntimeRestarted,

    /// <summary>An earlier run of the dataflow, whose state was kept.</summary>
    PreviousRun,

    /// <summary>The same operator with an older program.</summary>
    Reloaded,

    /// <summary>Instances that failed again and again: the state was emptied, as <c>on_poison: reset_state</c> says.</summary>
    Reset,
}
