// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;

namespace Dora.Dataflows.Keys;

/// <summary>What becomes of output lines and log records, of nodes and operators alike.</summary>
internal static class LogKeys
{
    /// <summary>From the most to the least talkative; <c>stdout</c> is everything.</summary>
    public static readonly ImmutableArray<string> Levels = ["stdout", "trace", "debug", "info", "warn", "error"];

    public static readonly Key SendStdoutAs = new("send_stdout_as", new IdShape("an output id"), "Output that carries each line of stdout and stderr.");

    public static readonly ImmutableArray<Key> Logging =
    [
        SendStdoutAs,
        new("send_logs_as", new IdShape("an output id"), "Output that carries each log record as JSON."),
        new("min_log_level", new ChoiceShape(Levels), "Records below are neither stored nor shown. Default all."),
        new("max_log_size", new ByteSizeShape(), "Size at which the log file is rotated."),
        new("max_rotated_files", new IntegerShape(1, 100), "Rotated log files that are kept. Default 5."),
    ];
}
