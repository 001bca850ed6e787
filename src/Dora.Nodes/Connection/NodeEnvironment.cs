// SPDX-License-Identifier: Apache-2.0

using System.Globalization;
using Microsoft.Win32.SafeHandles;

namespace Dora.Nodes.Connection;

/// <summary>What the daemon tells a node before the first byte on the socket.</summary>
/// <param name="SocketPath">The daemon's UNIX socket.</param>
/// <param name="DataflowId">The run that the node belongs to.</param>
/// <param name="NodeId">The node's name.</param>
/// <param name="Secret">Proves that this process is the one the daemon started; 32 bytes.</param>
internal sealed record NodeEnvironment(string SocketPath, string DataflowId, string NodeId, byte[] Secret)
{
    public const string SocketVariable = "DORA_DAEMON_SOCKET";
    public const string NodeIdVariable = "DORA_NODE_ID";
    public const string DataflowIdVariable = "DORA_DATAFLOW_ID";
    public const string SecretFdVariable = "DORA_SECRET_FD";
    public const int SecretLength = 32;

    private const string What = "This process cannot join a dataflow";

    /// <summary>Reads the process environment and, once, the inherited secret.</summary>
    /// <exception cref="NodeConnectionException">dora did not start this process, or it has connected already.</exception>
    public static NodeEnvironment Read() => Read(Environment.GetEnvironmentVariable);

    /// <inheritdoc cref="Read()"/>
    internal static NodeEnvironment Read(Func<string, string?> variable)
    {
        var socket = Require(variable, SocketVariable);
        var node = Require(variable, NodeIdVariable);
        var dataflow = Require(variable, DataflowIdVariable);
        var secretFd = Require(variable, SecretFdVariable);
        if (!int.TryParse(secretFd, NumberStyles.None, CultureInfo.InvariantCulture, out var fd))
        {
            throw new NodeConnectionException(What, $"{SecretFdVariable} is '{secretFd}', not a file descriptor", "Start the node with `dora run`.");
        }

        return new NodeEnvironment(socket, dataflow, node, ReadSecret(fd));
    }

    private static string Require(Func<string, string?> variable, string name) =>
        variable(name) is { Length: > 0 } value
            ? value
            : throw new NodeConnectionException(
                What,
                $"the environment variable {name} is not set, so it was not started by dora",
                "Write the program into a dataflow file (`path:`) and start that with `dora run dataflow.yml`.");

    /// <summary>The descriptor is closed afterwards, so that children of this process do not inherit the secret.</summary>
    private static byte[] ReadSecret(int fd)
    {
        var secret = new byte[SecretLength];
        try
        {
            using var stream = new FileStream(new SafeFileHandle(fd, ownsHandle: true), FileAccess.Read, bufferSize: 0);
            stream.ReadExactly(secret);
            return secret;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new NodeConnectionException(
                What,
                $"the secret that dora passed on file descriptor {fd} cannot be read",
                "A process can connect once, and only the one that dora started: a wrapper script must use `exec`.",
                e);
        }
    }
}
