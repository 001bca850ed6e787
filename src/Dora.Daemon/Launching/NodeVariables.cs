// SPDX-License-Identifier: Apache-2.0

namespace Dora.Daemon.Launching;

/// <summary>Names of the environment variables that a node is started with.</summary>
public static class NodeVariables
{
    /// <summary>Path of the daemon's UNIX socket.</summary>
    public const string DaemonSocket = "DORA_DAEMON_SOCKET";

    /// <summary>Which node of the dataflow the process is.</summary>
    public const string NodeId = "DORA_NODE_ID";

    /// <summary>Which run.</summary>
    public const string DataflowId = "DORA_DATAFLOW_ID";

    /// <summary>Number of the descriptor that the secret is read from: always <see cref="SecretFdValue"/>.</summary>
    public const string SecretFd = "DORA_SECRET_FD";

    /// <summary>The value of <see cref="SecretFd"/>.</summary>
    public const string SecretFdValue = "3";
}
