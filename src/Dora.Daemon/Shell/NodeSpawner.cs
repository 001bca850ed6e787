// SPDX-License-Identifier: Apache-2.0

using System.Collections;
using Dora.Daemon.Launching;
using Dora.Dataflows.Graph;
using Dora.Protocol;
using Dora.Protocol.Messages;
using Google.Protobuf;

namespace Dora.Daemon.Shell;

/// <summary>Says how each node of one run is started: program, environment, limits.</summary>
internal sealed class NodeSpawner(NodeLauncher launcher, RunOptions options, DataflowId dataflow, RuntimeDirectory directory)
{
    private readonly Dictionary<NodeId, NodeCommand> _commands = new(options.Commands); // the daemon's thread

    /// <summary>What is started for a node from now on.</summary>
    public void Replace(NodeId node, NodeCommand command) => _commands[node] = command;

    /// <summary>Starts the launcher of one incarnation.</summary>
    /// <exception cref="NodeLaunchException">No launcher could be started.</exception>
    public NodeProcess Start(LiveNode node, INodeProcessListener listener)
    {
        var command = _commands[node.Who.Node];
        var spec = new LaunchSpec
        {
            Program = command.Program,
            WorkingDirectory = node.Spec.WorkingDirectory,
            Secret = ByteString.CopyFrom(node.Secret),
            DieWithDaemon = true,
            CleanupDirectory = directory.Path,
        };
        spec.Arguments.AddRange(command.Arguments);
        spec.CpuAffinity.AddRange(node.Spec.CpuAffinity.Select(cpu => (uint)cpu));
        foreach (var (name, value) in EnvironmentOf(node.Spec))
            spec.Environment[name] = value;
        return launcher.Start(spec, listener);
    }

    /// <summary>The whole environment of a node: the daemon's, then the run's, then the descriptor's, then dora's own.</summary>
    public SortedDictionary<string, string> EnvironmentOf(GraphNode spec)
    {
        var environment = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (DictionaryEntry entry in Environment.GetEnvironmentVariables())
            environment[(string)entry.Key] = (string)entry.Value!;
        foreach (var (name, value) in options.Environment)
            environment[name] = value;
        foreach (var (name, value) in spec.Environment)
            environment[name] = value;
        // A .NET node that is killed would leave its diagnostics socket in /tmp: nothing may remain. Set it to 1 to attach a debugger.
        environment.TryAdd("DOTNET_EnableDiagnostics", "0");
        environment[NodeVariables.DaemonSocket] = directory.SocketPath;
        environment[NodeVariables.NodeId] = spec.Id.Value;
        environment[NodeVariables.DataflowId] = dataflow.ToString();
        environment[NodeVariables.SecretFd] = NodeVariables.SecretFdValue;
        return environment;
    }
}
