// SPDX-License-Identifier: Apache-2.0

using Dora.Platform.Files;
using Dora.Platform.Processes;
using Dora.Testing;
using Microsoft.Win32.SafeHandles;

namespace Dora.IntegrationTests.Launching;

/// <summary>The little daemon in tests/nodes/Dora.TestDaemon, which can be killed or starved.</summary>
internal static class HelperProcess
{
    /// <summary>Starts it; its stdout can be read. It must be reaped by the caller.</summary>
    public static (int Pid, StreamReader Output) Start(string mode, string script, string cleanupDirectory)
    {
        var pipe = FileDescriptors.CreatePipe();
        var program = Path.Combine(
            DoraExecutable.RepositoryRoot, "tests", "nodes", "Dora.TestDaemon", "bin", "Debug", "net10.0", "Dora.TestDaemon");
        var pid = ProcessSpawner.Spawn(new SpawnRequest
        {
            Path = program,
            Arguments = [program, mode, DoraExecutable.Path, script, cleanupDirectory],
            Descriptors = [(1, pipe.WriteEnd), (2, new SafeFileHandle(2, ownsHandle: false))],
        });
        pipe.WriteEnd.Dispose();
        return (pid, new StreamReader(new FileStream(pipe.ReadEnd, FileAccess.Read, 1)));
    }
}
