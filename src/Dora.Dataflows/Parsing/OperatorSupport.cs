// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;
using Dora.Dataflows.Graph;

namespace Dora.Dataflows.Parsing;

/// <summary>The one place that says which operators the runtime can run.</summary>
internal static class OperatorSupport
{
    /// <summary>All of them. A kind that is left out is parsed and checked in full, then refused as DF0902.</summary>
    public static readonly ImmutableHashSet<OperatorKind> Runnable = [.. Enum.GetValues<OperatorKind>()];
}
