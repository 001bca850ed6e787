// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;

namespace Dora.Dataflows.Diagnostics;

/// <summary>Collects findings in any order; gives them out by position, each once.</summary>
internal sealed class DiagnosticBag
{
    /// <summary>More than anyone reads; a hostile file must not fill the memory with complaints.</summary>
    private const int MaxCount = 1000;

    /// <summary>Comparing a name with thousands of others is dear; a file that is wrong all over gets suggestions for its first mistakes.</summary>
    private const int MaxSuggestions = 100;

    private readonly List<Diagnostic> _found = [];
    private readonly HashSet<(string Code, string File, int Line, int Column, string Message)> _seen = [];

    private int _suggestions;

    public bool HasErrors { get; private set; }

    /// <summary>As <see cref="Suggestion.DidYouMean"/>, for lists that a file makes as long as it likes.</summary>
    public string DidYouMean(string written, IEnumerable<string> candidates) =>
        ++_suggestions <= MaxSuggestions ? Suggestion.DidYouMean(written, candidates) : "";

    public void Error(string code, SourceSpan span, string message, string? cause = null, string? fix = null) =>
        Add(code, Severity.Error, span, message, cause, fix);

    public void Warning(string code, SourceSpan span, string message, string? cause = null, string? fix = null) =>
        Add(code, Severity.Warning, span, message, cause, fix);

    public void Add(string code, Severity severity, SourceSpan span, string message, string? cause, string? fix)
    {
        HasErrors |= severity == Severity.Error;
        message = Quoted.OneLine(message);

        // A module that is used a hundred times is wrong once, though messages name each use.
        string identity = span.Source.IsModule ? "" : message;
        if (_found.Count >= MaxCount || !_seen.Add((code, span.Source.DisplayPath, span.Line, span.Column, identity))) return;
        _found.Add(new Diagnostic
        {
            Code = code,
            Severity = severity,
            Message = message,
            Cause = cause is null ? null : Quoted.OneLine(cause),
            Fix = fix is null ? null : Quoted.OneLine(fix),
            SourceFile = Quoted.OneLine(span.Source.DisplayPath),
            Line = span.Line,
            Column = span.Column,
            EndColumn = Math.Max(span.EndColumn, span.Column + 1),
            SourceLine = span.Source.Line(span.Line),
        });
    }

    /// <summary>By file in the order in which files were first met, then by position; errors before warnings at one place.</summary>
    public ImmutableArray<Diagnostic> ToImmutable()
    {
        Dictionary<string, int> fileOrder = [];
        foreach (var d in _found) fileOrder.TryAdd(d.SourceFile, fileOrder.Count);
        return [.. _found
            .OrderBy(d => fileOrder[d.SourceFile])
            .ThenBy(d => d.Line)
            .ThenBy(d => d.Column)
            .ThenByDescending(d => d.Severity)
            .ThenBy(d => d.Code, StringComparer.Ordinal)];
    }
}
