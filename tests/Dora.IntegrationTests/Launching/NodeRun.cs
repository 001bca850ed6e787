// SPDX-License-Identifier: Apache-2.0

using System.Globalization;
using Dora.Daemon;
using Dora.Daemon.Core;
using Dora.Daemon.Launching;
using Dora.Platform.Files;
using Dora.Platform.Processes;
using Dora.Protocol.Messages;
using Dora.Testing;

namespace Dora.IntegrationTests.Launching;

/// <summary>How a run ended: one of the three final events.</summary>
internal sealed record NodeEnd(string Kind, ExitStatus? Status = null, int OrphansKilled = 0, int Errno = 0, string Message = "");

/// <summary>One real node under a real launcher, with what it wrote.</summary>
internal sealed class NodeRun : INodeProcessListener
{
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(90); // the machine may be busy with a hundred other things

    private readonly TaskCompletionSource<int> _launched = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<NodeEnd> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _finalEvents;

    private NodeRun(NodeLauncher launcher, LaunchSpec spec)
    {
        Process = launcher.Start(spec, this);
        Output = ReadToEnd(Process.StandardOutput);
        Error = ReadToEnd(Process.StandardError);
    }

    public NodeProcess Process { get; }
    public Task<string> Output { get; }
    public Task<string> Error { get; }
    public int FinalEvents => Volatile.Read(ref _finalEvents);

    public static NodeCommand LauncherCommand { get; } = new(DoraExecutable.Path, [LauncherProgram.Command]);

    public static NodeRun Shell(EventPoll poll, string script, Action<LaunchSpec>? adjust = null) =>
        Start(poll, "/bin/sh", ["-c", script], adjust);

    public static NodeRun Start(EventPoll poll, string program, string[] arguments, Action<LaunchSpec>? adjust = null)
    {
        var spec = Spec(program, arguments);
        adjust?.Invoke(spec);
        return new NodeRun(new NodeLauncher(poll, LauncherCommand), spec);
    }

    public static LaunchSpec Spec(string program, string[] arguments) => new()
    {
        Program = program,
        Arguments = { arguments },
        Environment =
        {
            ["PATH"] = "/usr/bin:/bin",
            [NodeVariables.NodeId] = "shell",
            [NodeVariables.DataflowId] = Guid.CreateVersion7().ToString(),
        },
        WorkingDirectory = "/",
        DieWithDaemon = true,
    };

    public Task<int> Launched() => _launched.Task.WaitAsync(Patience);

    public Task<NodeEnd> End() => _ended.Task.WaitAsync(Patience);

    public static async Task<int> ReadPid(string path)
    {
        var content = "";
        await Until(() => File.Exists(path) && (content = File.ReadAllText(path)).EndsWith('\n'), $"a pid in {path}");
        return int.Parse(content, CultureInfo.InvariantCulture);
    }

    public static bool IsAlive(int pid) => ProcessStat.TryRead(pid) is { HasEnded: false };

    public static async Task Until(Func<bool> condition, string what)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (!condition())
        {
            Assert.False(patience.IsCancellationRequested, $"waited in vain for {what}");
            await Task.Delay(5);
        }
    }

    void INodeProcessListener.Launched(NodeProcess process, int pid) => _launched.SetResult(pid);

    void INodeProcessListener.LaunchFailed(NodeProcess process, int errno, string message) =>
        Finish(new NodeEnd("failed", Errno: errno, Message: message));

    void INodeProcessListener.Exited(NodeProcess process, ExitStatus status, int orphansKilled) =>
        Finish(new NodeEnd("exited", status, orphansKilled));

    void INodeProcessListener.LauncherLost(NodeProcess process, string message) => Finish(new NodeEnd("lost", Message: message));

    private void Finish(NodeEnd end)
    {
        Interlocked.Increment(ref _finalEvents);
        _ended.TrySetResult(end);
    }

    private static Task<string> ReadToEnd(Microsoft.Win32.SafeHandles.SafeFileHandle pipe) => Task.Factory.StartNew(
        () =>
        {
            using var reader = new StreamReader(new FileStream(pipe, FileAccess.Read, 1));
            return reader.ReadToEnd();
        },
        TaskCreationOptions.LongRunning);
}
