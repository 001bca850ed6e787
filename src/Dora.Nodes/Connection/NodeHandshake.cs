// SPDX-License-Identifier: Apache-2.0

using Dora.Middleware;
using Dora.Platform.Sockets;
using Dora.Protocol;
using Dora.Protocol.Messages;
using Dora.SharedMemory;
using Microsoft.Win32.SafeHandles;

namespace Dora.Nodes.Connection;

/// <summary>The first two messages: who we are, and what the daemon says to that.</summary>
internal static class NodeHandshake
{
    private const string What = "The daemon did not accept this node";

    /// <summary>Introduces the node and waits for the answer.</summary>
    /// <returns>The configuration, and the node's doorbell, which the caller owns.</returns>
    /// <exception cref="NodeConnectionException">Refused, or the daemon went away, or its shared memory is of another version.</exception>
    public static (NodeConfig Config, SharedDoorbell Doorbell) Run(DaemonLink link, NodeEnvironment environment)
    {
        link.TrySend(new NodeToDaemon
        {
            Hello = new Hello
            {
                Version = ProtocolVersions.Current(),
                DataflowId = environment.DataflowId,
                NodeId = environment.NodeId,
                Secret = Google.Protobuf.ByteString.CopyFrom(environment.Secret),
                Pid = (uint)Environment.ProcessId,
                Language = "csharp",
            },
        });

        var answer = Read(link);
        switch (answer?.BodyCase)
        {
            case DaemonToNode.BodyOneofCase.Welcome:
                var config = new NodeConfig(answer.Welcome.Config ?? new());
                return (config, MapDoorbell(link, answer.Welcome, config));
            case DaemonToNode.BodyOneofCase.Refused:
                throw new NodeConnectionException(What, answer.Refused.Reason, answer.Refused.Fix);
            case null:
                throw new NodeConnectionException(What, "it closed the connection without an answer", "See the daemon's log, or run `dora doctor`.");
            default:
                throw new NodeConnectionException(
                    What,
                    $"it answered with {answer.BodyCase} instead of a welcome",
                    "Build the node with the dora library of the same version as the `dora` command.");
        }
    }

    private static DaemonToNode? Read(DaemonLink link)
    {
        try
        {
            return link.Read();
        }
        catch (Exception e) when (e is FrameException or ProtocolException)
        {
            throw new NodeConnectionException(
                What, e.Message, "Build the node with the dora library of the same version as the `dora` command.", e);
        }
    }

    private static SharedDoorbell MapDoorbell(DaemonLink link, Welcome welcome, NodeConfig config)
    {
        using var memory = TakeDoorbell(link, welcome);
        try
        {
            return new SharedDoorbell(memory, config.Wait);
        }
        catch (SharedMemoryFormatException e) // the first memory that the two share, so versions that differ show here
        {
            throw new NodeConnectionException(
                "This node cannot share memory with the daemon",
                $"{e.Message} (the node's dora library is {ProtocolVersions.Product}, the daemon is {welcome.Version?.Product ?? "unknown"})",
                "Build the node with the dora library of the same version as the `dora` command.",
                e);
        }
    }

    private static SafeFileHandle TakeDoorbell(DaemonLink link, Welcome welcome)
    {
        try
        {
            return link.TakeDescriptors(welcome.Fds) is [var doorbell]
                ? doorbell
                : throw new NodeConnectionException(What, "its welcome brought no doorbell", "This is a defect of the daemon; please report it.");
        }
        catch (FrameException e)
        {
            throw new NodeConnectionException(What, e.Message, "Raise the limit of open files (`ulimit -n`), or see `dora doctor`.", e);
        }
    }
}
