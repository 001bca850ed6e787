// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;
using Dora.Protocol;

namespace Dora.Daemon.Logs;

/// <summary>One line or record of a node. Secrets are masked; text is decoded but may hold control characters (<see cref="LogText.Escape"/>).</summary>
/// <param name="Node">Who wrote it.</param>
/// <param name="Level">One of <see cref="LogLevels"/>.</param>
/// <param name="Message">Without line end.</param>
/// <param name="Target">The logger's category, or null.</param>
/// <param name="TimestampNs">Unix time.</param>
/// <param name="Fields">Name and value, the value as text or JSON.</param>
public sealed record LogEntry(
    NodeId Node,
    string Level,
    string Message,
    string? Target,
    ulong TimestampNs,
    ImmutableArray<KeyValuePair<string, string>> Fields)
{
    /// <summary>For people's eyes: escaped.</summary>
    public NodeLogLine ToLine() =>
        new(Node, Level, LogText.Escape(Message), Target is null ? null : LogText.Escape(Target), TimestampNs);
}
