// SPDX-License-Identifier: Apache-2.0

using System.Text.RegularExpressions;

namespace Dora.Cli.Building;

/// <summary>What a person wants to see of MSBuild's output.</summary>
internal static partial class CompilerMessages
{
    /// <summary>Errors and warnings as the compiler wrote them, each once, without the project that MSBuild appends: it is one of ours.</summary>
    public static IReadOnlyList<string> Of(IEnumerable<string> output) =>
        [.. output.Where(l => Message().IsMatch(l)).Select(l => ProjectSuffix().Replace(l, "").Trim()).Distinct()];

    [GeneratedRegex(@"(error|warning)\s+[A-Z]+[0-9]+\s*:")]
    private static partial Regex Message();

    [GeneratedRegex(@" \[[^\]]*proj(::[^\]]*)?\]$")]
    private static partial Regex ProjectSuffix();
}
