// SPDX-License-Identifier: Apache-2.0
// As much of a daemon as is needed to be killed or starved: launches one node.

using Dora.Daemon;
using Dora.Daemon.Core;
using Dora.Daemon.Launching;
using Dora.Platform.Files;
using Dora.Platform.Processes;
using Dora.Protocol.Messages;

var (mode, dora, script, cleanupDirectory) = (args[0], args[1], args[2], args[3]);
using var poll = new EventPoll("test daemon");
var spec = new LaunchSpec
{
    Program = "/bin/sh",
    Arguments = { "-c", script },
    Environment = { ["PATH"] = "/usr/bin:/bin" },
    WorkingDirectory = "/",
    DieWithDaemon = true,
    CleanupDirectory = cleanupDirectory,
};
var launcher = new NodeLauncher(poll, new NodeCommand(dora, [LauncherProgram.Command]));
if (mode == "starve")
{
    using var first = launcher.Start(spec, new Listener()); // loads every assembly that will be needed
    var open = Directory.GetFileSystemEntries("/proc/self/fd").Max(path => int.Parse(Path.GetFileName(path)));
    var limit = ResourceLimits.Get("nofile");
    ResourceLimits.Set("nofile", limit with { Soft = (ulong)open + 3 });
    try
    {
        launcher.Start(spec, new Listener());
        return 1;
    }
    catch (NodeLaunchException e)
    {
        ResourceLimits.Set("nofile", limit);
        Console.WriteLine($"{e.Errno} {e.Message}");
        return 0;
    }
}

launcher.Start(spec, new Listener());
Thread.Sleep(Timeout.Infinite); // until killed
return 0;

internal sealed class Listener : INodeProcessListener
{
    public void Launched(NodeProcess process, int pid) => Console.WriteLine($"{process.LauncherPid} {pid}");

    public void LaunchFailed(NodeProcess process, int errno, string message) => Console.WriteLine(message);

    public void Exited(NodeProcess process, ExitStatus status, int orphansKilled) => Console.WriteLine(status);

    public void LauncherLost(NodeProcess process, string message) => Console.WriteLine(message);
}
