// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;
using Dora.Dataflows.Diagnostics;
using Dora.Dataflows.Keys;
using Dora.Dataflows.Parsing;
using Dora.Dataflows.Yaml;

namespace Dora.Dataflows.Descriptors;

/// <summary>Reads one node, in the form of today or of the early documentation.</summary>
internal static class NodeReader
{
    /// <summary>Null for a node that has no usable id; that has been reported.</summary>
    public static NodeDescriptor? Read(YamlMapping mapping, DiagnosticBag diagnostics)
    {
        KeyReader node = new(mapping, NodeKeys.Node);
        if (node.Id("id") is not { } id) return null;
        string label = $"node {Quoted.Text(id.Value)}";
        var form = NodeForms.Of(node, label, diagnostics);

        // The program's keys stand on the node itself or, in the old form, under 'custom'.
        var program = node.Nested("custom") is { } custom ? new KeyReader(custom, NodeKeys.Custom) : node;
        var (path, arguments) = Program(program, label, diagnostics);
        return new NodeDescriptor
        {
            Mapping = mapping,
            Id = id,
            Form = form,
            HasKnownOutputs = HasKnownOutputs(node, program, form),
            Name = node.PlainText("name"),
            Description = node.PlainText("description"),
            Path = path,
            Arguments = arguments,
            Build = program.Lines("build"),
            Environment = Environment(node, program, diagnostics),
            WorkingDirectory = WorkingDirectory(node, program, label, diagnostics),
            Ports = form == NodeForm.Runtime ? PortsDescriptor.None : PortsReader.Read(program, label, diagnostics),
            Join = form == NodeForm.Runtime ? null : JoinReader.Read(node),
            Operators = form == NodeForm.Runtime ? OperatorReader.Read(node, diagnostics) : [],
            Supervision = Supervision(node),
            Logs = LogReader.Read(node) with { SendStdoutAs = program.Id("send_stdout_as") },
            CpuAffinity = Cpus(node.List("cpu_affinity")),
            Threads = [.. node.Map("threads").Where(e => e.Value is YamlMapping && IdRules.Problem(e.Key.Text) is null).Select(Thread)],
            Realtime = node.Text("realtime"),
            Wait = node.PlainText("wait"),
            SharedMemoryPoolBytes = node.Bytes("shared_memory_pool_size")?.Value,
        };
    }

    private static ImmutableArray<int> Cpus(IReadOnlyList<YamlNode> items) =>
        [.. items.OfType<YamlScalar>().Select(s => PlainScalar.TryInteger(s.Text, out long cpu) ? (int)cpu : 0).Distinct().Order()];

    private static ThreadDescriptor Thread(YamlEntry entry)
    {
        KeyReader thread = new((YamlMapping)entry.Value, NodeKeys.Thread);
        return new ThreadDescriptor(thread.Mapping, new Located<string>(entry.Key.Text, entry.Key.Span))
        {
            Policy = thread.PlainText("policy"),
            RtPriority = thread.Integer("rt_priority")?.Value,
            Runtime = thread.Duration("runtime"),
            Period = thread.Duration("period"),
            Nice = thread.Value("nice") is YamlScalar nice && PlainScalar.TryInteger(nice.Text, out long value) ? (int)Math.Clamp(value, -20, 19) : null,
            CpuAffinity = Cpus(thread.List("cpu_affinity")),
        };
    }

    private static bool HasKnownOutputs(KeyReader node, KeyReader program, NodeForm form)
    {
        if (form != NodeForm.Runtime) return AreKnown(program.Value("outputs"));
        if (node.Entry("operator") is { } single) return single.Value is YamlMapping mapping && AreKnown(mapping.Value("outputs"));
        return node.Value("operators") is YamlSequence list
            && list.Items.All(o => o is YamlMapping m && m.Value("id") is YamlScalar id && IdRules.Problem(id.Text) is null && AreKnown(m.Value("outputs")));

        static bool AreKnown(YamlNode? outputs) =>
            outputs is null || (outputs is YamlSequence list && list.Items.All(o => o is YamlScalar s && IdRules.Problem(s.Text) is null));
    }

    private static (Located<string>? Path, ArgumentsDescriptor Arguments) Program(KeyReader program, string label, DiagnosticBag diagnostics)
    {
        var path = program.Text("path") ?? program.Text("source");
        if (path is null && program.Text("run") is { } run) return Run(run, label, diagnostics);
        var arguments = program.Value("args") switch
        {
            YamlScalar { IsNull: false } line => new ArgumentsDescriptor(KeyReader.LocatedText(line), []),
            YamlSequence list => new ArgumentsDescriptor(null, [.. list.Items.OfType<YamlScalar>().Select(s => s.Text)]),
            _ => ArgumentsDescriptor.None,
        };
        return (path, arguments);
    }

    private static (Located<string>? Path, ArgumentsDescriptor Arguments) Run(Located<string> run, string label, DiagnosticBag diagnostics)
    {
        if (!ArgumentLine.TrySplit(run.Value, out var words, out string problem))
        {
            diagnostics.Error("DF0126", run.Span, $"'run' of {label} can't be split into words: {problem}");
            return (null, ArgumentsDescriptor.None);
        }

        return words.IsEmpty ? (null, ArgumentsDescriptor.None) : (run with { Value = words[0] }, new ArgumentsDescriptor(null, words[1..]));
    }

    private static ImmutableArray<VariableDescriptor> Environment(KeyReader node, KeyReader program, DiagnosticBag diagnostics)
    {
        var environment = EnvironmentReader.Read(node, diagnostics);
        return ReferenceEquals(node.Mapping, program.Mapping) ? environment : [.. environment, .. EnvironmentReader.Read(program, diagnostics)];
    }

    private static Located<string>? WorkingDirectory(KeyReader node, KeyReader program, string label, DiagnosticBag diagnostics)
    {
        var own = program.Text("working_directory");
        var deployed = node.Nested("deploy") is { } deploy ? new KeyReader(deploy, DeployKeys.Settings).Text("working_dir") : null;
        if (own is not null && deployed is { } twice)
            diagnostics.Error(
                "DF0014", twice.Span,
                $"{label} has both 'working_directory' and 'deploy.working_dir', which are the same",
                "Only one of the two could count.",
                "keep 'working_directory'");
        return own ?? deployed;
    }

    private static SupervisionDescriptor Supervision(KeyReader node) => new()
    {
        RestartPolicy = node.Text("restart_policy"),
        MaxRestarts = node.Integer("max_restarts")?.Value,
        RestartDelay = node.Duration("restart_delay"),
        MaxRestartDelay = node.Duration("max_restart_delay"),
        RestartWindow = node.Duration("restart_window"),
        HealthCheckTimeout = node.Duration("health_check_timeout"),
        StartupTimeout = node.Duration("startup_timeout"),
        StopGrace = node.Duration("stop_grace"),
        FinishGrace = node.Duration("finish_grace_secs"),
    };
}
