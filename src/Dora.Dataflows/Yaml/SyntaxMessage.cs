// SPDX-License-Identifier: Apache-2.0

using Dora.Dataflows.Diagnostics;
using YamlDotNet.Core;

namespace Dora.Dataflows.Yaml;

/// <summary>Says a syntax error of the YAML library in words for people.</summary>
internal static class SyntaxMessage
{
    public static (string Message, string? Fix) Of(YamlException e, SourceText source)
    {
        string line = source.Line((int)Math.Clamp(e.Start.Line, 1, int.MaxValue));
        string fix = line.TrimStart(' ').StartsWith('\t')
            ? "indent with spaces: YAML does not allow tabs there"
            : "look at this line and the one before: indentation, a missing ':', '-' or quote";
        return ($"not well-formed YAML: {Core(e.Message)}", fix);
    }

    /// <summary>The library sometimes puts positions before its message, which we print ourselves.</summary>
    private static string Core(string message)
    {
        int end = message.LastIndexOf("): ", StringComparison.Ordinal);
        string core = end >= 0 ? message[(end + 3)..] : message;
        core = core.Trim().TrimEnd('.');
        return core.Length > 0 ? char.ToLowerInvariant(core[0]) + core[1..] : "syntax error";
    }
}
