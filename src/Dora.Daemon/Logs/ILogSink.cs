// SPDX-License-Identifier: Apache-2.0

using Dora.Protocol;

namespace Dora.Daemon.Logs;

/// <summary>Where log entries go beside the files. Called on the hub's poll thread; must not block and must not throw.</summary>
public interface ILogSink
{
    /// <summary>An entry that passed the node's minimum level: for the observer (<see cref="LogEntry.ToLines"/>) and <c>dora/logs</c>.</summary>
    /// <param name="entry">The entry.</param>
    /// <param name="json">The same as one JSON object in UTF-8, without line end; valid during the call.</param>
    void OnEntry(LogEntry entry, ReadOnlySpan<byte> json);

    /// <summary>A message for the node's <c>send_stdout_as</c> or <c>send_logs_as</c> output.</summary>
    /// <param name="node">On whose behalf.</param>
    /// <param name="output">Which output.</param>
    /// <param name="utf8">The line's text, or the entry as JSON; valid during the call.</param>
    void PublishOutput(NodeId node, DataId output, ReadOnlySpan<byte> utf8);
}
