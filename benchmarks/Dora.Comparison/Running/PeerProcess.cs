// SPDX-License-Identifier: Apache-2.0

using System.Diagnostics;
using System.Text;
using System.Text.Json;

namespace Dora.Comparison.Running;

/// <summary>One run of a peer's program.</summary>
internal static class PeerProcess
{
    private const int UnsupportedCode = 3;
    private const int ReasonCharsMax = 300;

    /// <summary>What a run came to: see <see cref="RunRecord"/>.</summary>
    internal readonly record struct End(string Outcome, string? Reason, JsonElement? Line);

    /// <summary>Runs the program to its end, or kills it and its children when the time is over.</summary>
    public static async Task<End> RunAsync(string file, IEnumerable<string> arguments, TimeSpan limit, CancellationToken stopping)
    {
        var start = new ProcessStartInfo(file, arguments) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true };
        using var temporary = new TemporaryFolder(); // a program that is killed leaves nothing behind either
        start.Environment["TMPDIR"] = temporary.Path;
        using var process = Process.Start(start) ?? throw new InvalidOperationException($"{file} was not started");
        process.StandardInput.Close();
        var output = ReadAsync(process.StandardOutput);
        var errors = ReadAsync(process.StandardError);
        using var timer = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        timer.CancelAfter(limit);
        try
        {
            await process.WaitForExitAsync(timer.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync(CancellationToken.None).ConfigureAwait(false);
            stopping.ThrowIfCancellationRequested();
            return new End("failed", $"took longer than {limit.TotalSeconds:F0} s{Tail(await TextAsync(errors).ConfigureAwait(false))}", null);
        }

        string text = await TextAsync(output).ConfigureAwait(false), words = await TextAsync(errors).ConfigureAwait(false);
        return process.ExitCode switch
        {
            0 => Parse(text),
            UnsupportedCode => new End("unsupported", words.Trim(), null),
            int code => new End("failed", $"ended with code {code}{Tail(words)}", null),
        };
    }

    private sealed class TemporaryFolder : IDisposable
    {
        public string Path { get; } = Directory.CreateTempSubdirectory("dora-comparison-").FullName;

        public void Dispose()
        {
            try
            {
                Directory.Delete(Path, recursive: true);
            }
            catch (IOException)
            {
                // A node of a killed run was still writing: a folder left behind is better than a comparison that ends here.
            }
        }
    }

    // A grandchild that outlives the peer may hold its pipes; what has come by then is enough.
    private static async Task<string> TextAsync(Task<StringBuilder> reading)
    {
        await Task.WhenAny(reading, Task.Delay(TimeSpan.FromSeconds(2))).ConfigureAwait(false);
        return reading.IsCompletedSuccessfully ? (await reading.ConfigureAwait(false)).ToString() : "";
    }

    private static async Task<StringBuilder> ReadAsync(StreamReader reader) =>
        new StringBuilder(await reader.ReadToEndAsync().ConfigureAwait(false));

    private static End Parse(string output)
    {
        string? line = output.Split('\n').LastOrDefault(l => l.StartsWith('{'));
        if (line is null)
            return new End("failed", "printed no result", null);
        try
        {
            using var json = JsonDocument.Parse(line);
            return new End("ok", null, json.RootElement.Clone());
        }
        catch (JsonException e)
        {
            return new End("failed", $"its result is no JSON: {e.Message}", null);
        }
    }

    // The first line of what it said: exceptions say there what went wrong.
    private static string Tail(string words)
    {
        string said = words.Trim().Split('\n')[0];
        return said.Length == 0 ? "" : ": " + (said.Length <= ReasonCharsMax ? said : said[..ReasonCharsMax]);
    }
}
