// SPDX-License-Identifier: Apache-2.0

namespace Dora.Middleware;

/// <summary>What a publisher needs to find a loan's memory again, and to see that the loan is still current.</summary>
/// <param name="Home">The transport's own object: a segment, a buffer.</param>
/// <param name="Slot">Place in it.</param>
/// <param name="Generation">The place's generation when it was lent.</param>
internal readonly record struct LoanToken(object Home, int Slot, uint Generation);
