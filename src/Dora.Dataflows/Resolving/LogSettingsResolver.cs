// SPDX-License-Identifier: Apache-2.0

using Dora.Dataflows.Descriptors;
using Dora.Dataflows.Diagnostics;
using Dora.Dataflows.Graph;
using Dora.Protocol;

namespace Dora.Dataflows.Resolving;

/// <summary>Log settings of a node; those of its operators are the node's, for they share one process and one output.</summary>
internal sealed class LogSettingsResolver(DiagnosticBag diagnostics)
{
    public LogSettings Resolve(NodeDescriptor node)
    {
        LogSettings defaults = new();
        var stdout = Only(node, "send_stdout_as", l => l.SendStdoutAs);
        var logs = Only(node, "send_logs_as", l => l.SendLogsAs);
        if (stdout is { } a && logs is { } b && a.Qualified == b.Qualified)
            diagnostics.Error(
                "DF0137", b.Written.Span,
                $"'send_stdout_as' and 'send_logs_as' of {node.Label} name the same output {Quoted.Text(b.Written.Value)}",
                "Readers could not tell lines from records.",
                "use two outputs");
        return new LogSettings
        {
            SendStdoutAs = stdout is { } s ? new DataId(s.Qualified) : null,
            SendLogsAs = logs is { } r ? new DataId(r.Qualified) : null,
            MinLevel = Only(node, "min_log_level", l => l.MinLevel)?.Written.Value,
            MaxSizeBytes = Only(node, "max_log_size", l => l.MaxSizeBytes)?.Written.Value,
            MaxRotatedFiles = Only(node, "max_rotated_files", l => l.MaxRotatedFiles)?.Written.Value ?? defaults.MaxRotatedFiles,
        };
    }

    private (Located<T> Written, string Qualified)? Only<T>(NodeDescriptor node, string key, Func<LogDescriptor, Located<T>?> select)
    {
        (Located<T> Written, string Qualified)? only = select(node.Logs) is { } own ? (own, $"{own.Value}") : null;
        foreach (var op in node.Operators)
        {
            if (select(op.Logs) is not { } written) continue;
            if (only is { } first)
                diagnostics.Error(
                    "DF0131", written.Span,
                    $"{op.Label} sets {Quoted.Text(key)}, which line {first.Written.Span.Line} has set for the same process",
                    "Operators of one node share a process, its output and its log.",
                    "set it once, or put the operators into two nodes");
            else
                only = (written, $"{op.Id.Value}/{written.Value}");
        }

        return only;
    }
}
