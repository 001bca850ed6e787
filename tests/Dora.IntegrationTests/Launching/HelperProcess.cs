// SPDX-License-Identifier: Apache-2.0

using System.Runtime.CompilerServices;
using Dora.Daemon.Launching;
using Dora.Platform.Files;
using Dora.Platform.Processes;
using Dora.Protocol.Messages;
using Microsoft.Win32.SafeHandles;

namespace Dora.IntegrationTests.Launching;

/// <summary>This very test program, started again as something that can be killed or starved: a little daemon.</summary>
internal static class HelperProcess
{
    private const string Variable = "DORA_TEST_HELPER";

    /// <summary>Starts a helper whose stdout can be read. It must be reaped by the caller.</summary>
    public static (int Pid, StreamReader Output) Start(string mode, params string[] arguments)
    {
        var pipe = FileDescriptors.CreatePipe();
        var environment = new Dictionary<string, string>
        {
            ["PATH"] = Environment.GetEnvironmentVariable("PATH") ?? "/usr/bin:/bin",
            ["DOTNET_EnableDiagnostics"] = "0",
            [Variable] = string.Join('\n', [mode, .. arguments]),
        };
        foreach (var name in new[] { "DORA_EXE", "DOTNET_ROOT", "HOME" })
        {
            if (Environment.GetEnvironmentVariable(name) is { } value)
                environment[name] = value;
        }
        var pid = ProcessSpawner.Spawn(new SpawnRequest
        {
            Path = Environment.ProcessPath!,
            Arguments = [Environment.ProcessPath!],
            Environment = environment,
            Descriptors = [(1, pipe.WriteEnd), (2, new SafeFileHandle(2, ownsHandle: false))],
        });
        pipe.WriteEnd.Dispose();
        return (pid, new StreamReader(new FileStream(pipe.ReadEnd, FileAccess.Read, 1)));
    }

#pragma warning disable CA2255 // the test runner owns Main
    [ModuleInitializer]
#pragma warning restore CA2255
    internal static void RunIfAsked()
    {
        if (Environment.GetEnvironmentVariable(Variable)?.Split('\n') is not { } words)
            return;
        Environment.SetEnvironmentVariable(Variable, null);
        Environment.Exit(words[0] switch
        {
            "daemon" => RunDaemon(script: words[1], cleanupDirectory: words[2]),
            "no-descriptors" => StartWithoutDescriptors(),
            _ => 2,
        });
    }

    private static int RunDaemon(string script, string cleanupDirectory)
    {
        using var poll = new EventPoll("helper poll");
        var run = NodeRun.Shell(poll, script, spec => spec.CleanupDirectory = cleanupDirectory);
        Console.WriteLine($"{run.Process.LauncherPid} {run.Launched().Result}");
        Thread.Sleep(Timeout.Infinite); // until killed
        return 0;
    }

    private static int StartWithoutDescriptors()
    {
        using var poll = new EventPoll("helper poll");
        NodeRun.Shell(poll, "exit 0").End().Wait(); // loads every assembly that will be needed
        var open = Directory.GetFileSystemEntries("/proc/self/fd").Max(path => int.Parse(Path.GetFileName(path)));
        ResourceLimits.Set("nofile", ResourceLimits.Get("nofile") with { Soft = (ulong)open + 3 });
        try
        {
            NodeRun.Shell(poll, "exit 0");
        }
        catch (NodeLaunchException e)
        {
            Console.WriteLine($"{e.Errno} {e.Message}");
        }
        return 0;
    }
}
