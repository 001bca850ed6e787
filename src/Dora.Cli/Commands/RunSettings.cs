// SPDX-License-Identifier: Apache-2.0

namespace Dora.Cli.Commands;

/// <summary>What the command line of <c>dora run</c> says.</summary>
internal sealed record RunSettings
{
    public required string File { get; init; }

    /// <summary>Of the dataflow, by which its next run finds what operators keep; null: the file's.</summary>
    public string? Name { get; init; }

    public TimeSpan? StopAfter { get; init; }
    public TimeSpan? Grace { get; init; }
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();
    public bool AllowShellNodes { get; init; }
    public bool ExitWhenNodesFinish { get; init; }

    /// <summary>Run the <c>build:</c> lines first.</summary>
    public bool Build { get; init; }

    /// <summary>Put programs that change to use while the dataflow runs.</summary>
    public bool Watch { get; init; }

    /// <summary>Least level of log records that are shown.</summary>
    public string LogLevel { get; init; } = "info";

    /// <summary>Null: no log files.</summary>
    public string? LogDirectory { get; init; }

    /// <summary>The report goes to standard output as JSON, and nothing else does.</summary>
    public bool Json { get; init; }

    /// <summary>Only what nodes write, and errors.</summary>
    public bool Quiet { get; init; }
}
