// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;
using Dora.Dataflows.Graph;

namespace Dora.Dataflows.Parsing;

/// <summary>The one place that says which operators the runtime can run.</summary>
internal static class OperatorSupport
{
    /// <summary>WebAssembly is parsed and checked in full, then refused as DF0902.</summary>
    public static readonly ImmutableHashSet<OperatorKind> Runnable = [OperatorKind.CSharp, OperatorKind.SharedLibrary, OperatorKind.Python];
}
