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
    /// <summary>A screenful: records are made by programs, and a terminal is not theirs alone.</summary>
    private const int LinesMax = 50;

    /// <summary>For people's eyes: escaped, each line of the message by itself, so that none can pass for another's.</summary>
    public IEnumerable<NodeLogLine> ToLines()
    {
        if (!Message.Contains('\n', StringComparison.Ordinal))
            return [Line(Message)];
        var lines = Message.TrimEnd('\n').Split('\n', LinesMax); // what is beyond stays one line, with its ends escaped
        return lines.Select(line => Line(line.TrimEnd('\r')));
    }

    private NodeLogLine Line(string text) =>
        new(Node, Level, LogText.Escape(text), Target is null ? null : LogText.Escape(Target), TimestampNs);
}
