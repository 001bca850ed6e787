// SPDX-License-Identifier: Apache-2.0

using System.Text;
using Dora.Dataflows.Diagnostics;

namespace Dora.Cli.Output;

/// <summary>Shows findings as a compiler does, coloured where the terminal takes it, and counts them at the end.</summary>
internal static class DiagnosticPrinter
{
    public static void Print(IReadOnlyCollection<Diagnostic> diagnostics, Terminal terminal)
    {
        if (diagnostics.Count == 0)
            return;
        StringBuilder text = new();
        foreach (var diagnostic in diagnostics)
            text.Append(Coloured(diagnostic, terminal.ErrorInk));
        text.Append(Summary(diagnostics)).Append('\n');
        terminal.Error.Write(text);
    }

    /// <summary><c>2 errors, 1 warning</c>, and how to learn more.</summary>
    private static string Summary(IReadOnlyCollection<Diagnostic> diagnostics)
    {
        var errors = diagnostics.Count(d => d.IsError);
        var warnings = diagnostics.Count - errors;
        var counts = string.Join(", ", new[] { (errors, "error"), (warnings, "warning") }
            .Where(c => c.Item1 > 0)
            .Select(c => Words.Count(c.Item1, c.Item2)));
        var example = diagnostics.FirstOrDefault(d => d.IsError) ?? diagnostics.First();
        return $"{counts}; 'dora explain {example.Code}' tells more";
    }

    private static string Coloured(Diagnostic diagnostic, Ink ink)
    {
        var plain = DiagnosticRenderer.Render(diagnostic);
        if (!ink.IsColoured)
            return plain;
        StringBuilder coloured = new();
        var lines = plain.TrimEnd('\n').Split('\n');
        var (severity, paint) = diagnostic.IsError ? ("error", (Func<string, string>)ink.Red) : ("warning", ink.Yellow);
        var head = $"{severity} {diagnostic.Code}:";
        var at = lines[0].IndexOf(head, StringComparison.Ordinal);
        coloured.Append(ink.Bold(lines[0][..at])).Append(paint(head)).Append(ink.Bold(lines[0][(at + head.Length)..])).Append('\n');
        foreach (var line in lines.Skip(1))
            coloured.Append(ColouredDetail(line, ink, paint)).Append('\n');
        return coloured.ToString();
    }

    private static string ColouredDetail(string line, Ink ink, Func<string, string> paint)
    {
        if (line.StartsWith("  fix: ", StringComparison.Ordinal))
            return ink.Cyan("  fix:") + line[6..];
        if (line.StartsWith("  why: ", StringComparison.Ordinal))
            return ink.Dim("  why:") + line[6..];
        var bar = line.IndexOf('|');
        if (bar < 0)
            return line;
        var rest = line[(bar + 1)..];
        return ink.Dim(line[..(bar + 1)]) + (rest.Trim().Trim('^').Length == 0 ? paint(rest) : rest);
    }
}
