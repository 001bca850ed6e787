// SPDX-License-Identifier: Apache-2.0

using System.Diagnostics;

namespace Dora.Cli.Building;

/// <summary>Runs a tool to its end and hears what it says.</summary>
internal static class ToolProcess
{
    /// <summary>What a tool said, standard output and standard error together, and how it ended.</summary>
    public sealed record Result(int ExitCode, IReadOnlyList<string> Output);

    /// <param name="program">Absolute path.</param>
    /// <param name="arguments">Without the program's name.</param>
    /// <param name="directory">Where it works.</param>
    /// <param name="cancel">Kills it with its descendants.</param>
    /// <param name="onLine">Hears each line when it comes; called by several threads, one at a time.</param>
    public static async Task<Result> RunAsync(
        string program, IEnumerable<string> arguments, string directory, CancellationToken cancel, Action<string>? onLine = null)
    {
        ProcessStartInfo start = new(program, arguments)
        {
            WorkingDirectory = directory,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true, // a tool that asks gets no answer, not ours
        };
        start.Environment["DOTNET_CLI_TELEMETRY_OPTOUT"] = "1";
        start.Environment["DOTNET_NOLOGO"] = "1";
        start.Environment["DOTNET_CLI_UI_LANGUAGE"] = "en"; // its lines are searched for the word 'error'
        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        await using var registration = cancel.Register(() => process.Kill(entireProcessTree: true));

        List<string> lines = [];
        await Task.WhenAll(ReadLinesAsync(process.StandardOutput), ReadLinesAsync(process.StandardError));
        await process.WaitForExitAsync(CancellationToken.None);
        cancel.ThrowIfCancellationRequested();
        return new Result(process.ExitCode, lines);

        async Task ReadLinesAsync(StreamReader reader)
        {
            while (await reader.ReadLineAsync(CancellationToken.None) is { } line)
            {
                lock (lines)
                {
                    lines.Add(line);
                    onLine?.Invoke(line);
                }
            }
        }
    }
}
