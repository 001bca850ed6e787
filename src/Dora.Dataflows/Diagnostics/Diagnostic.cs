// SPDX-License-Identifier: Apache-2.0

namespace Dora.Dataflows.Diagnostics;

/// <summary>One finding about a descriptor, with the place it is about.</summary>
/// <remarks>Texts hold no control characters, whatever the descriptor holds: they are safe to print.</remarks>
public sealed record Diagnostic
{
    /// <summary><c>DF</c> and four digits; a key of <see cref="DiagnosticCatalogue"/>.</summary>
    public required string Code { get; init; }

    public required Severity Severity { get; init; }

    /// <summary>What is wrong, in one line, with the names involved and, where there is one, a "did you mean".</summary>
    public required string Message { get; init; }

    /// <summary>Why that is a problem; null when the message says it all.</summary>
    public string? Cause { get; init; }

    /// <summary>What to do; null when the message says it all.</summary>
    public string? Fix { get; init; }

    /// <summary>The file as it was given: relative if the user gave it so.</summary>
    public required string SourceFile { get; init; }

    /// <summary>1-based.</summary>
    public required int Line { get; init; }

    /// <summary>1-based, in UTF-16 code units.</summary>
    public required int Column { get; init; }

    /// <summary>Column after the last one of the place, on the same line; at least <see cref="Column"/> + 1.</summary>
    public required int EndColumn { get; init; }

    /// <summary>The text of <see cref="Line"/>, without its end; empty when there is none.</summary>
    public string SourceLine { get; init; } = "";

    /// <summary>Whether it stops the dataflow from running.</summary>
    public bool IsError => Severity == Severity.Error;

    /// <summary><c>file:line:column: error DF0000: message</c>, as compilers write it.</summary>
    public override string ToString() =>
        $"{SourceFile}:{Line}:{Column}: {(IsError ? "error" : "warning")} {Code}: {Message}";
}

/// <summary>What a finding does to the dataflow.</summary>
public enum Severity
{
    /// <summary>It runs, but something is old, ineffective or risky.</summary>
    Warning,

    /// <summary>It does not run.</summary>
    Error,
}
