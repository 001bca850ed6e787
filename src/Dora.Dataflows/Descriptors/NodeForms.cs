// SPDX-License-Identifier: Apache-2.0

using Dora.Dataflows.Diagnostics;

namespace Dora.Dataflows.Descriptors;

/// <summary>Finds out what a node is, and reports keys that have no meaning for it.</summary>
internal static class NodeForms
{
    /// <summary>Of which a node has exactly one.</summary>
    private static readonly string[] Kinds = ["path", "operators", "operator", "custom", "module", "ros2", "hub"];

    private static readonly string[] ProgramKeys =
        ["args", "inputs", "outputs", "join", "input_types", "output_types", "output_metadata", "pattern", "output_framing", "send_stdout_as", "send_logs_as"];

    private static readonly string[] CustomKeys = ["args", "build", "working_directory", "inputs", "outputs", "send_stdout_as"];

    private static readonly string[] ProcessKeys =
    [
        "args", "env", "working_directory", "restart_policy", "max_restarts", "restart_delay", "max_restart_delay", "restart_window",
        "startup_timeout", "stop_grace", "cpu_affinity", "send_stdout_as",
    ];

    public static NodeForm Of(KeyReader node, string label, DiagnosticBag diagnostics)
    {
        string[] present = [.. Kinds.Where(k => node.Entry(k) is not null)];
        if (present.Length == 0)
        {
            // A misspelt 'path' was reported as such; that it is missing is no second mistake.
            if (node.HasUnknownKeys) return NodeForm.Unknown;
            diagnostics.Error(
                "DF0114", node.Entry("id")!.Key.Span,
                $"{label} has nothing to run",
                fix: "give it 'path' (a program), 'operators' or 'module'");
            return NodeForm.Unknown;
        }

        if (present.Length > 1)
        {
            diagnostics.Error(
                "DF0115", node.Entry(present[1])!.Key.Span,
                $"{label} has both {Quoted.Text(present[0])} and {Quoted.Text(present[1])}, but it can be only one thing",
                fix: "keep one, or make two nodes");
            return NodeForm.Unknown;
        }

        var form = Classify(node, present[0]);
        ReportMisplacedKeys(node, present[0], form, label, diagnostics);
        return form;
    }

    private static NodeForm Classify(KeyReader node, string kind) => kind switch
    {
        "path" => node.PlainText("path") switch
        {
            "dynamic" => NodeForm.Dynamic,
            "shell" => NodeForm.Shell,
            _ => NodeForm.Program,
        },
        "custom" => NodeForm.Program,
        "operators" or "operator" => NodeForm.Runtime,
        _ => NodeForm.Unknown,
    };

    private static void ReportMisplacedKeys(KeyReader node, string kind, NodeForm form, string label, DiagnosticBag diagnostics)
    {
        if (form == NodeForm.Runtime) Report(ProgramKeys, "with operators", "move it into the operator, if it has it");
        if (kind == "custom") Report(CustomKeys, "beside 'custom'", "use the keys of the node and drop 'custom'");
        if (form == NodeForm.Dynamic) Report(ProcessKeys, "for a dynamic node, which dora does not start", "remove it");
        if (kind != "module") Report(["params"], "without 'module'", "use 'env' or 'args' to give values to a program");
        if (kind != "path") Report(["path_sha256", "git"], "without 'path'", "remove it");
        if (node.Entry("git") is null) Report(["branch", "tag", "rev"], "without 'git'", "remove it");

        void Report(string[] keys, string where, string fix)
        {
            foreach (string key in keys)
            {
                if (node.Entry(key) is { } entry)
                    diagnostics.Error(
                        "DF0118", entry.Key.Span,
                        $"{label} can't have {Quoted.Text(key)} {where}",
                        "It would do nothing.",
                        fix);
            }
        }
    }
}
