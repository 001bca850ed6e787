// SPDX-License-Identifier: Apache-2.0

using System.Diagnostics;

namespace Dora.Peers.Harness;

/// <summary>The subscribers' processes: this executable once more each. Ended and gone when this is disposed.</summary>
internal sealed class Subscribers : IDisposable
{
    private readonly List<Process> _processes = [];

    /// <summary>Starts one process per subscriber.</summary>
    public Subscribers(PeerOptions options, string folder)
    {
        for (int i = 0; i < options.Fan; i++)
        {
            // Standard input is never written: its end tells the subscriber that the publisher is gone.
            var start = new ProcessStartInfo(Environment.ProcessPath!, options.ForSubscriber(i, folder)) { RedirectStandardInput = true };
            _processes.Add(Process.Start(start)!);
        }
    }

    /// <summary>Where a subscriber leaves its report.</summary>
    public static string ReportPath(string folder, int index) => Path.Combine(folder, $"subscriber-{index}.report");

    /// <summary>Waits for all to end well.</summary>
    /// <exception cref="InvalidOperationException">One ended with an error; its words are on stderr.</exception>
    public async Task WaitAsync()
    {
        foreach (var process in _processes)
        {
            await process.WaitForExitAsync().ConfigureAwait(false);
            if (process.ExitCode != 0)
                throw new InvalidOperationException($"a subscriber ended with code {process.ExitCode}");
        }
    }

    /// <summary>Ends as soon as any subscriber has failed, so that the publisher doesn't wait for its answers.</summary>
    public async Task FailureAsync()
    {
        var running = _processes.Select(p => p.WaitForExitAsync()).ToList();
        while (running.Count > 0)
        {
            running.Remove(await Task.WhenAny(running).ConfigureAwait(false));
            if (_processes.Any(p => p.HasExited && p.ExitCode != 0))
                return;
        }

        await Task.Delay(Timeout.Infinite).ConfigureAwait(false);
    }

    public void Dispose()
    {
        foreach (var process in _processes)
        {
            if (!process.HasExited)
                process.Kill();
            process.WaitForExit();
            process.Dispose();
        }
    }
}
