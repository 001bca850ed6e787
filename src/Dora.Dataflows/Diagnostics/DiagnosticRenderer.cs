// SPDX-License-Identifier: Apache-2.0

using System.Text;

namespace Dora.Dataflows.Diagnostics;

/// <summary>Writes a finding with the line it is about and a caret under the place, without colour.</summary>
public static class DiagnosticRenderer
{
    /// <summary>Characters of a source line that are shown at most.</summary>
    private const int MaxWidth = 120;

    /// <summary>Several lines, the last one ended by a line end.</summary>
    /// <example><code>
    /// dataflow.yml:14:16: error DF0107: input 'image' reads 'camera/frame', but 'camera' has no output 'frame'; did you mean 'frames'?
    ///    14 |         image: camera/frame
    ///       |                ^^^^^^^^^^^^
    ///   fix: …
    /// </code></example>
    public static string Render(Diagnostic diagnostic)
    {
        ArgumentNullException.ThrowIfNull(diagnostic);
        StringBuilder text = new();
        text.Append(diagnostic).Append('\n');
        if (diagnostic.SourceLine.Length > 0) AppendSource(text, diagnostic);
        if (diagnostic.Cause is { } cause) text.Append("  why: ").Append(cause).Append('\n');
        if (diagnostic.Fix is { } fix) text.Append("  fix: ").Append(fix).Append('\n');
        return text.ToString();
    }

    private static void AppendSource(StringBuilder text, Diagnostic diagnostic)
    {
        string line = diagnostic.SourceLine;
        int start = Math.Min(diagnostic.Column - 1, line.Length);
        int end = Math.Min(Math.Max(diagnostic.EndColumn - 1, start + 1), line.Length + 1);

        // A window around the place: a descriptor may be one line of megabytes.
        int from = start <= MaxWidth - 20 ? 0 : start - 20;
        int to = Math.Min(line.Length, from + MaxWidth);
        string number = diagnostic.Line.ToString().PadLeft(5);
        text.Append(number).Append(" | ").Append(Flat(line[from..to])).Append('\n');
        text.Append(' ', number.Length).Append(" | ").Append(' ', start - from);
        text.Append('^', Math.Max(1, Math.Min(end, to + 1) - start)).Append('\n');
    }

    /// <summary>One column per character, whatever it is: the caret must stay below its place.</summary>
    private static string Flat(string part)
    {
        StringBuilder flat = new(part);
        for (int i = 0; i < flat.Length; i++)
        {
            if (flat[i] == '\t') flat[i] = ' ';
            else if (Quoted.OneLine(flat[i].ToString()).Length > 1) flat[i] = '�';
        }

        return flat.ToString();
    }
}
