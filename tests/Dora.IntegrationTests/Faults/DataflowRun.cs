// SPDX-License-Identifier: Apache-2.0

using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Dora.Platform.Processes;
using Dora.Testing;

namespace Dora.IntegrationTests.Faults;

/// <summary>One <c>dora run</c> of a generated descriptor, in a folder and a session of its own: its nodes can be hurt, and nothing of it may remain.</summary>
/// <remarks>Every process of the run inherits <c>DORA_TEST_RUN</c>, launchers and orphans too: that finds them, also when dora has lost them.</remarks>
internal sealed partial class DataflowRun : IAsyncDisposable
{
    /// <summary>Longest wait for any one thing; the machine may be busy.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    /// <summary>The program of all test nodes, for <c>path</c>.</summary>
    public static readonly string Program = BuiltFile("Dora.TestNodes", "Dora.TestNodes");

    /// <summary>A library with an operator that passes messages on, for <c>csharp</c>.</summary>
    public static readonly string Operators = BuiltFile("Dora.TestOperators", "Dora.TestOperators.dll");

    /// <summary>A library with an operator that counts in its state, for <c>csharp</c>.</summary>
    public static readonly string StatefulOperator = BuiltFile("Dora.StatefulOperator", "Dora.StatefulOperator.dll");

    private readonly string _mark = $"DORA_TEST_RUN={Guid.NewGuid():N}";
    private readonly List<string> _lines = [];
    private Process? _dora;
    private Task<string> _output = Task.FromResult("");
    private Task _reader = Task.CompletedTask;
    private TaskCompletionSource _more = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Where the descriptor and the result files are; removed at the end.</summary>
    public string Folder { get; } = Directory.CreateTempSubdirectory("dora-fault-").FullName;

    /// <summary>All that dora and the nodes have shown so far.</summary>
    public string Log
    {
        get
        {
            lock (_lines)
                return string.Join('\n', _lines);
        }
    }

    public int ProcessId => _dora!.Id;

    /// <summary>A program, with its arguments, that becomes dora by execve, such as prlimit.</summary>
    public string[] Wrapper { get; init; } = [];

    /// <summary>Set for dora, and so for all processes of the run.</summary>
    public Dictionary<string, string> Environment { get; } = [];

    private string RuntimeFolder => Path.Combine(Folder, "run");

    /// <summary>The option that makes a test node write what it found to <see cref="Read"/>.</summary>
    public string ResultOf(string name) => $"--result {ResultPath(name)}";

    /// <summary>Starts <c>dora run</c> on these nodes: the list under <c>nodes:</c>.</summary>
    public void Start(string nodes, params string[] options)
    {
        var file = Path.Combine(Folder, "dataflow.yml");
        File.WriteAllText(file, $"allow_outside: true\nnodes:\n{nodes}\n");
        Directory.CreateDirectory(RuntimeFolder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        ProcessStartInfo start = new("setsid", [.. Wrapper, DoraExecutable.Path, "run", file, "--format", "json", .. options])
        {
            WorkingDirectory = Folder,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        var mark = _mark.Split('=');
        start.Environment[mark[0]] = mark[1];
        start.Environment["XDG_RUNTIME_DIR"] = RuntimeFolder;
        start.Environment["NO_COLOR"] = "1";
        foreach (var (name, value) in Environment)
            start.Environment[name] = value;
        _dora = Process.Start(start)!;
        _output = _dora.StandardOutput.ReadToEndAsync();
        _reader = ReadLines(_dora.StandardError);
    }

    /// <summary>Waits until every node is ready.</summary>
    public Task Running() => Saw(line => line.StartsWith("dataflow running", StringComparison.Ordinal), "dataflow running");

    /// <summary>Waits until a line holds this text.</summary>
    public Task<string> Saw(string text) => Saw(line => line.Contains(text, StringComparison.Ordinal), text);

    /// <summary>Waits until <paramref name="node"/> was started for the <paramref name="number"/>th time (the first is 0), and says as which process.</summary>
    public async Task<int> Started(string node, int number = 0)
    {
        var line = await Saw(l => StartOf(l) is { } start && start.Node == node && start.Number == number, $"start {number} of {node}");
        return StartOf(line)!.Value.Pid ?? ProcessOf(node);
    }

    /// <summary>How often <paramref name="node"/> was started so far.</summary>
    public int StartsOf(string node)
    {
        lock (_lines)
            return _lines.Count(line => StartOf(line)?.Node == node);
    }

    /// <summary>Waits until a value in a node's result file is as wanted.</summary>
    public Task Wrote(string name, string key, Predicate<long> isWanted, TimeSpan? patience = null) =>
        Wrote(name, found => isWanted(Number(found, key)), key, patience);

    /// <summary>Waits until a node's result file is as wanted.</summary>
    public async Task Wrote(string name, Predicate<Dictionary<string, string>> isWanted, string what, TimeSpan? patience = null)
    {
        using CancellationTokenSource limit = new(patience ?? Patience);
        using PeriodicTimer looks = new(TimeSpan.FromMilliseconds(20));
        while (!isWanted(Read(name)))
        {
            if (_dora!.HasExited && !isWanted(Read(name)))
                Assert.Fail($"{name}: dora has ended before {what} (is {Number(name, what)}):\n{Log}");
            try
            {
                await looks.WaitForNextTickAsync(limit.Token);
            }
            catch (OperationCanceledException)
            {
                Assert.Fail($"{name}: not after {patience ?? Patience}: {what} (is {Number(name, what)}):\n{Log}");
            }
        }
    }

    /// <summary>What a test node has found so far.</summary>
    public Dictionary<string, string> Read(string name) => !File.Exists(ResultPath(name))
        ? []
        : File.ReadLines(ResultPath(name)).Select(line => line.Split('=', 2)).ToDictionary(pair => pair[0], pair => pair[1]);

    /// <summary>One number of it; 0 if it is not there.</summary>
    public long Number(string name, string key) => Number(Read(name), key);

    /// <summary>Stops the dataflow as Ctrl-C does.</summary>
    public void Stop() => Signal.Send(ProcessId, Signals.Interrupt);

    /// <summary>Waits for the end of the run and checks that nothing of it remains.</summary>
    public async Task<DataflowReport> End()
    {
        try
        {
            await _dora!.WaitForExitAsync().WaitAsync(Patience);
            await _reader.WaitAsync(Patience);
        }
        catch (TimeoutException)
        {
            Assert.Fail($"dora run did not end within {Patience}:\n{Log}");
        }

        Assert.True(Processes().Count == 0, $"processes remain: {string.Join(", ", Processes().Select(CommandLine))}\n{Log}");
        var left = Directory.EnumerateFileSystemEntries(RuntimeFolder, "*", SearchOption.AllDirectories).ToArray();
        Assert.True(left.Length == 0, $"files remain: {string.Join(", ", left)}");
        var output = await _output.WaitAsync(Patience);
        return new DataflowReport(_dora.ExitCode, output.Length == 0 ? null : JsonDocument.Parse(output).RootElement, Log);
    }

    /// <summary>Processes of this run that are alive, dora itself among them.</summary>
    public List<int> Processes() => [.. Directory.EnumerateDirectories("/proc")
        .Select(folder => int.TryParse(Path.GetFileName(folder), out var pid) ? pid : 0)
        .Where(pid => pid > 0 && Environ(pid).Split('\0').Contains(_mark))];

    /// <summary>Memory files that dora holds open now.</summary>
    public int OpenMemfds() => Directory.EnumerateFiles($"/proc/{ProcessId}/fd")
        .Count(file => new FileInfo(file).LinkTarget?.StartsWith("/memfd:dora", StringComparison.Ordinal) == true);

    public async ValueTask DisposeAsync()
    {
        if (_dora is not null)
        {
            foreach (var pid in Processes())
                Signal.Send(pid, Signals.Kill);
            await _dora.WaitForExitAsync().WaitAsync(Patience);
            _dora.Dispose();
        }

        Directory.Delete(Folder, recursive: true);
    }

    private static string Environ(int pid)
    {
        try
        {
            return File.ReadAllText($"/proc/{pid}/environ");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return ""; // gone, or not ours
        }
    }

    private static string CommandLine(int pid)
    {
        try
        {
            return $"{pid} {File.ReadAllText($"/proc/{pid}/cmdline").Replace('\0', ' ')}";
        }
        catch (IOException)
        {
            return $"{pid}";
        }
    }

    /// <summary>The process of a node that has connected.</summary>
    private int ProcessOf(string node) => Processes().First(pid => Environ(pid).Split('\0').Contains($"DORA_NODE_ID={node}"));

    /// <summary>No process: it was quicker to connect than its launcher to say which it is.</summary>
    private static (string Node, int Number, int? Pid)? StartOf(string line)
    {
        var match = StartLine().Match(line);
        if (!match.Success)
            return null;
        var number = match.Groups["restart"];
        var pid = match.Groups["pid"];
        return (match.Groups["node"].Value, number.Success ? Parse(number.Value) : 0, pid.Success ? Parse(pid.Value) : null);
    }

    private static long Number(Dictionary<string, string> found, string key) =>
        found.TryGetValue(key, out var value) ? long.Parse(value, CultureInfo.InvariantCulture) : 0;

    private static string BuiltFile(string project, string file) =>
        Path.Combine(DoraExecutable.RepositoryRoot, "tests", "nodes", project, "bin", "Debug", "net10.0", file);

    private static int Parse(string digits) => int.Parse(digits, CultureInfo.InvariantCulture);

    private string ResultPath(string name) => Path.Combine(Folder, $"{name}.txt");

    private async Task<string> Saw(Predicate<string> isWanted, string what)
    {
        var next = 0;
        var waited = Stopwatch.StartNew();
        while (true)
        {
            Task more;
            var isOver = _reader.IsCompleted;
            lock (_lines)
            {
                for (; next < _lines.Count; next++)
                {
                    if (isWanted(_lines[next]))
                        return _lines[next];
                }

                more = _more.Task;
            }

            if (isOver || waited.Elapsed > Patience || await Task.WhenAny(more, _reader, Task.Delay(Patience)) is { IsCompleted: false })
                Assert.Fail($"no '{what}' ({(isOver ? "dora ended" : $"waited {waited.Elapsed}")}):\n{Log}");
        }
    }

    private async Task ReadLines(StreamReader reader)
    {
        while (await reader.ReadLineAsync() is { } line)
        {
            TaskCompletionSource seen;
            lock (_lines)
            {
                _lines.Add(line);
                seen = _more;
                _more = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            }

            seen.SetResult();
        }
    }

    [GeneratedRegex(@"^(?<node>\S+)\s*\| started(?: \(restart (?<restart>\d+)\))?: (?:process (?<pid>\d+)|connected)$")]
    private static partial Regex StartLine();
}

/// <summary>Numbers of the signals that tests send.</summary>
internal static class Signals
{
    public const int HangUp = 1;
    public const int Interrupt = 2;
    public const int Kill = 9;
    public const int Terminate = 15;
    public const int Continue = 18;
    public const int Stop = 19;
}
