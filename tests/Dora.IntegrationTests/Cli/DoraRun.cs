// SPDX-License-Identifier: Apache-2.0

using System.Diagnostics;
using System.Text;
using System.Text.RegularExpressions;
using Dora.Platform.Processes;
using Dora.Testing;

namespace Dora.IntegrationTests.Cli;

/// <summary>One running <c>dora</c>, by itself or on a terminal of its own.</summary>
internal sealed partial class DoraRun : IDisposable
{
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(5); // the machine may be busy, and nodes may have to be built

    private readonly Process _process;
    private readonly Transcript _out = new();
    private readonly Transcript _error = new();
    private readonly Task _readers;

    private DoraRun(string program, IEnumerable<string> arguments, string folder)
    {
        ProcessStartInfo start = new(program, arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment.Remove("NO_COLOR");
        start.Environment["TERM"] = "xterm";
        _process = Process.Start(start)!;
        _readers = Task.WhenAll(_out.ReadFrom(_process.StandardOutput), _error.ReadFrom(_process.StandardError));
    }

    /// <summary>Without colours.</summary>
    public string Out => Escapes().Replace(_out.Text, "");

    /// <inheritdoc cref="Out"/>
    public string Error => Escapes().Replace(_error.Text, "");

    public static DoraRun Start(string folder, params string[] arguments) => new(DoraExecutable.Path, arguments, folder);

    /// <summary>On a pseudo-terminal: standard output and standard error are one, and keys can be pressed.</summary>
    public static DoraRun StartOnTerminal(string folder, params string[] arguments)
    {
        var line = string.Join(' ', arguments.Prepend(DoraExecutable.Path).Select(a => $"'{a}'"));
        return new DoraRun("/usr/bin/script", ["-q", "-e", "-f", "-c", $"stty cols 200; exec {line}", "/dev/null"], folder);
    }

    /// <summary>Runs to the end.</summary>
    public static async Task<(int ExitCode, string Out, string Error)> ToEnd(string folder, params string[] arguments)
    {
        using var run = Start(folder, arguments);
        var code = await run.ExitCode();
        return (code, run.Out, run.Error);
    }

    public void PressCtrlC()
    {
        _process.StandardInput.Write('\x03');
        _process.StandardInput.Flush();
    }

    public void Send(int signal) => Signal.Send(_process.Id, signal);

    /// <summary>Waits until a text was written, to either stream.</summary>
    public async Task Saw(string text)
    {
        var first = await Task.WhenAny(_out.Saw(text), _error.Saw(text), _readers).WaitAsync(Patience);
        if (first == _readers && !Out.Contains(text) && !Error.Contains(text))
            Assert.Fail($"dora ended without '{text}':\n{Out}\n{Error}");
    }

    public async Task<int> ExitCode()
    {
        await _process.WaitForExitAsync().WaitAsync(Patience);
        await _readers.WaitAsync(Patience);
        return _process.ExitCode;
    }

    public void Dispose()
    {
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        _process.Dispose();
    }

    [GeneratedRegex("\e\\[[0-9;?]*[A-Za-z]")]
    private static partial Regex Escapes();

    /// <summary>What was written so far, and who waits for more.</summary>
    private sealed class Transcript
    {
        private readonly StringBuilder _text = new();
        private readonly List<(string Text, TaskCompletionSource Seen)> _waiting = [];

        public string Text
        {
            get
            {
                lock (_text)
                    return _text.ToString();
            }
        }

        public Task Saw(string text)
        {
            lock (_text)
            {
                TaskCompletionSource seen = new(TaskCreationOptions.RunContinuationsAsynchronously);
                _waiting.Add((text, seen));
                Check();
                return seen.Task;
            }
        }

        public async Task ReadFrom(StreamReader reader)
        {
            var buffer = new char[4096];
            while (await reader.ReadAsync(buffer) is > 0 and var count)
            {
                lock (_text)
                {
                    _text.Append(buffer, 0, count);
                    Check();
                }
            }
        }

        private void Check()
        {
            var all = Escapes().Replace(_text.ToString(), "");
            foreach (var (text, seen) in _waiting)
            {
                if (all.Contains(text, StringComparison.Ordinal))
                    seen.TrySetResult();
            }
        }
    }
}
