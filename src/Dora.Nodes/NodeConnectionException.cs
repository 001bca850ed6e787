// SPDX-License-Identifier: Apache-2.0

using Dora.Protocol;

namespace Dora.Nodes;

/// <summary>The node could not join its dataflow, or lost the daemon in the middle of a request. The message says how to fix it.</summary>
public sealed class NodeConnectionException : DoraException
{
    internal NodeConnectionException(string what, string why, string fix, Exception? inner = null)
        : base($"{what}: {why}. {fix}", inner)
    {
        Fix = fix;
    }

    /// <summary>What to do about it, one sentence.</summary>
    public string Fix { get; }
}
