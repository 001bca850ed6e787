// SPDX-License-Identifier: Apache-2.0

using System.Runtime.InteropServices;
using Dora.Nodes;

namespace Dora.TestNodes.Behaviours;

/// <summary>Nodes that end when they should not. <c>--how</c>: exit (with <c>--code</c>), throw, abort, segv, kill.</summary>
internal static partial class Crashes
{
    private const int SIGKILL = 9;
    private const int SIGSEGV = 11;

    public static int OnStart(Options options) => Crash(options);

    public static int ExitBeforeConnect(Options options) => (int)options.Number("code", 0);

    /// <summary>Crashes at the n-th message, or after sending n of its own if it has no inputs.</summary>
    public static int AfterN(Options options)
    {
        var node = DoraNode.InitFromEnv();
        var left = options.Number("after", 10);
        var payload = new byte[options.Number("size", 64)];
        for (ulong number = 1; ; number++)
        {
            if (node.Config.Inputs.Length > 0)
            {
                var received = node.Recv();
                if (received is null)
                    return 0;
                if (received is not InputEvent input)
                    continue;
                foreach (var output in node.Config.Outputs)
                    node.SendOutput(output, input.Data, input.Metadata);
            }
            else
            {
                TestPayload.Write(payload, number, (uint)Environment.ProcessId);
                foreach (var output in node.Config.Outputs)
                    node.SendOutput(output, payload);
                if (node.Recv(options.Milliseconds("interval-ms", 1)) is StopEvent)
                    return 0;
            }

            if (--left == 0)
                return Crash(options);
        }
    }

    internal static int Crash(Options options)
    {
        var how = options.Text("how", "exit");
        Console.Error.WriteLine($"crashing as told: {how}");
        switch (how)
        {
            case "throw":
                throw new InvalidOperationException("crashing as told");
            case "abort":
                Environment.FailFast("crashing as told");
                return 0;
            case "segv":
                // The first only takes the runtime's handler away: it expects the faulting instruction to run again.
                while (true)
                    _ = kill(Environment.ProcessId, SIGSEGV);
            case "kill":
                _ = kill(Environment.ProcessId, SIGKILL);
                return 0;
            default:
                Environment.Exit((int)options.Number("code", 3));
                return 0;
        }
    }

    [LibraryImport("libc")]
    private static partial int kill(int pid, int signal);
}
