// SPDX-License-Identifier: Apache-2.0

using Dora.Protocol.Messages;

namespace Dora.Daemon.Logs;

/// <summary>Names of levels and their order.</summary>
public static class LogLevels
{
    public const string Error = "error";
    public const string Warn = "warn";
    public const string Info = "info";
    public const string Debug = "debug";
    public const string Trace = "trace";

    /// <summary>A plain line of standard output; counts as <see cref="Info"/>.</summary>
    public const string Stdout = "stdout";

    /// <summary>A plain line of standard error; counts as <see cref="Warn"/>, so that a last cry is not filtered away too early.</summary>
    public const string Stderr = "stderr";

    /// <summary>The name here of a level as loggers of various languages write it; null if it is none.</summary>
    public static string? Normalize(string text) => text.ToLowerInvariant() switch
    {
        "error" or "err" or "fatal" or "critical" or "panic" => Error,
        "warn" or "warning" => Warn,
        "info" or "information" or "notice" => Info,
        "debug" => Debug,
        "trace" or "verbose" => Trace,
        "stdout" => Stdout,
        "stderr" => Stderr,
        _ => null,
    };

    /// <summary>Of a wire message.</summary>
    public static string Of(LogLevel level) => level switch
    {
        LogLevel.Error => Error,
        LogLevel.Warn => Warn,
        LogLevel.Debug => Debug,
        LogLevel.Trace => Trace,
        LogLevel.Stdout => Stdout,
        _ => Info,
    };

    /// <summary>Whether something of this level is at least as grave as the minimum; a null minimum lets all pass.</summary>
    public static bool Passes(string level, string? minimum) => minimum is null || Rank(level) <= Rank(Normalize(minimum) ?? Trace);

    private static int Rank(string level) => level switch
    {
        Error => 0,
        Warn or Stderr => 1,
        Info or Stdout => 2,
        Debug => 3,
        _ => 4,
    };
}
