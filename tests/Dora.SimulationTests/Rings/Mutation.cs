// SPDX-License-Identifier: Apache-2.0

namespace Dora.SimulationTests.Rings;

/// <summary>A mistake that the rings might have made, made by the memory under them.</summary>
internal sealed record Mutation
{
    internal static readonly Mutation None = new();

    /// <summary>The fence that follows a store to this word is left out.</summary>
    internal string? WithoutFenceAfter { get; init; }

    /// <summary>Stores to this word don't release.</summary>
    internal string? PlainStoresOf { get; init; }

    /// <summary>Loads of this word don't acquire.</summary>
    internal string? PlainLoadsOf { get; init; }

    /// <summary>The tail is moved before the cell below it is written.</summary>
    internal bool CellAfterTail { get; init; }

    /// <summary>The ringer clears the flag after it has moved the sequence.</summary>
    internal bool FlagAfterSequence { get; init; }

    /// <summary>Compare and swap is a load and a store.</summary>
    internal bool TornExchange { get; init; }

    /// <summary>A note is taken away without a fence before the look that follows.</summary>
    internal bool ClearsWithoutFence { get; init; }

    /// <summary>Whoever falls asleep doesn't look at the word once more.</summary>
    internal bool SleepsUnseen { get; init; }
}
