// SPDX-License-Identifier: Apache-2.0

namespace Dora.Cli;

/// <summary>Something the user can mend: shown as one message with its fix, never with a stack trace.</summary>
internal sealed class CliException(string message, int exitCode, string? fix = null, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>One of <see cref="Dora.Cli.ExitCode"/>.</summary>
    public int ExitCode { get; } = exitCode;

    /// <summary>What to do about it, or null when the message says it.</summary>
    public string? Fix { get; } = fix;
}
