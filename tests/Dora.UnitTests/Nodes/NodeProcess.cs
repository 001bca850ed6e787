// SPDX-License-Identifier: Apache-2.0

using System.Diagnostics;
using System.Security.Cryptography;
using Dora.Nodes.Connection;
using Dora.Platform.Sockets;

namespace Dora.UnitTests.Nodes;

/// <summary>A test node as a process, started the way the launcher does it: secret on descriptor 3, the rest in the environment.</summary>
internal sealed class NodeProcess : IDisposable
{
    public static readonly string Program = Path.GetFullPath(Path.Combine(
        AppContext.BaseDirectory, "../../../../nodes/Dora.TestNodes/bin", new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name, "net10.0/Dora.TestNodes"));

    private readonly DirectoryInfo _folder;
    private readonly Task<string> _errors;

    private NodeProcess(DirectoryInfo folder, Process process, FakeSession session)
    {
        _folder = folder;
        Process = process;
        Session = session;
        _errors = process.StandardError.ReadToEndAsync();
    }

    public Process Process { get; }

    public FakeSession Session { get; }

    /// <summary>Starts a node and waits until it has connected.</summary>
    public static NodeProcess Start(FakeDaemon daemon, string id, string[]? inputs, string[]? outputs, params string[] arguments)
    {
        var folder = Directory.CreateTempSubdirectory("dora-node-");
        var socket = Path.Combine(folder.FullName, "daemon.sock");
        var secret = Path.Combine(folder.FullName, "secret");
        File.WriteAllBytes(secret, RandomNumberGenerator.GetBytes(NodeEnvironment.SecretLength));
        using var listener = UnixListener.Listen(socket);
        var start = new ProcessStartInfo("/bin/sh", ["-c", "secret=$1; shift; exec 3<\"$secret\"; exec \"$@\"", "sh", secret, Program, .. arguments])
        {
            RedirectStandardError = true,
            Environment =
            {
                [NodeEnvironment.SocketVariable] = socket,
                [NodeEnvironment.NodeIdVariable] = id,
                [NodeEnvironment.DataflowIdVariable] = "0198-test",
                [NodeEnvironment.SecretFdVariable] = "3",
                ["TEST_RESULT"] = Path.Combine(folder.FullName, "result"),
                ["DOTNET_DbgEnableMiniDump"] = "0",
            },
        };
        var process = Process.Start(start)!;
        var accepted = Task.Run(listener.Accept);
        if (!accepted.Wait(FakeSession.Patience))
            throw new TimeoutException($"{id} did not connect");
        return new NodeProcess(folder, process, daemon.Attach(FakeDaemon.Describe(id, inputs, outputs), accepted.Result!));
    }

    /// <summary>Waits for the end of the process. 128 + n: signal n.</summary>
    public async Task<int> ExitCodeAsync()
    {
        await Process.WaitForExitAsync().WaitAsync(FakeSession.Patience);
        return Process.ExitCode;
    }

    public Task<string> ErrorsAsync() => _errors.WaitAsync(FakeSession.Patience);

    /// <summary>What the node wrote into its result file.</summary>
    public Dictionary<string, string> Result()
    {
        var file = Path.Combine(_folder.FullName, "result");
        return File.Exists(file)
            ? File.ReadLines(file).Select(line => line.Split('=', 2)).ToDictionary(pair => pair[0], pair => pair[1])
            : [];
    }

    public void Dispose()
    {
        if (!Process.HasExited)
            Process.Kill();
        Process.WaitForExit();
        Process.Dispose();
        _folder.Delete(recursive: true);
    }
}
