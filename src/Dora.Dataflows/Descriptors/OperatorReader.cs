// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;
using Dora.Dataflows.Diagnostics;
using Dora.Dataflows.Graph;
using Dora.Dataflows.Keys;
using Dora.Dataflows.Yaml;
using Dora.Protocol;

namespace Dora.Dataflows.Descriptors;

/// <summary>Reads the operators of a node.</summary>
internal static class OperatorReader
{
    public static ImmutableArray<OperatorDescriptor> Read(KeyReader node, DiagnosticBag diagnostics)
    {
        if (node.Entry("operator") is { Value: YamlMapping single } entry)
        {
            KeyReader reader = new(single, OperatorKeys.SingleOperator);
            var id = single.Find("id") is null ? new Located<string>(OperatorId.Single.Value, entry.Key.Span) : reader.Id("id");
            return id is { } known ? [Operator(reader, known, diagnostics)] : [];
        }

        var operators = ImmutableArray.CreateBuilder<OperatorDescriptor>();
        foreach (var mapping in node.List("operators").OfType<YamlMapping>())
        {
            KeyReader reader = new(mapping, OperatorKeys.Operator);
            if (reader.Id("id") is { } id) operators.Add(Operator(reader, id, diagnostics));
        }

        return operators.ToImmutable();
    }

    private static OperatorDescriptor Operator(KeyReader reader, Located<string> id, DiagnosticBag diagnostics) => new()
    {
        Mapping = reader.Mapping,
        Id = id,
        Name = reader.PlainText("name"),
        Description = reader.PlainText("description"),
        Implementations = Implementations(reader),
        Wasm = reader.Nested("wasm") is { } wasm ? LimitsOf(new KeyReader(wasm, OperatorKeys.WasmSource)) : null,
        Build = reader.Lines("build"),
        Ports = PortsReader.Read(reader, $"operator {Quoted.Text(id.Value)}", diagnostics),
        Join = JoinReader.Read(reader),
        Logs = LogReader.Read(reader),
        Timing = Timing(reader),
        Thread = reader.Id("thread")?.Value,
        State = State(reader),
    };

    private static StateDescriptor? State(KeyReader reader)
    {
        if (reader.Entry("state") is not { Value: YamlMapping mapping } entry) return null;
        KeyReader state = new(mapping, OperatorKeys.State);
        return new StateDescriptor
        {
            Span = entry.Key.Span,
            Durability = state.PlainText("durability"),
            MaxSizeBytes = state.Bytes("max_size")?.Value,
            Keep = state.Text("keep"),
            Commit = state.PlainText("commit"),
            Version = state.Integer("version")?.Value,
            OnPoison = state.PlainText("on_poison"),
            Redeliver = state.Flag("redeliver"),
        };
    }

    private static TimingDescriptor Timing(KeyReader reader)
    {
        // Of the two forms of a deadline the mapping's keys stand one level deeper.
        var deadline = reader.Nested("deadline") is { } mapping ? new KeyReader(mapping, OperatorKeys.DeadlineSettings) : (KeyReader?)null;
        return new TimingDescriptor
        {
            Priority = reader.Integer("priority")?.Value,
            Deadline = deadline is { } settings ? settings.Duration("within") : reader.Duration("deadline"),
            IsFromSource = deadline?.PlainText("from") == "source",
            OnMiss = reader.Text("on_miss"),
            Budget = reader.Duration("budget"),
        };
    }

    private static WasmLimits LimitsOf(KeyReader wasm)
    {
        WasmLimits normal = new();
        return new WasmLimits
        {
            MemoryBytes = wasm.Bytes("memory")?.Value ?? normal.MemoryBytes,
            Timeout = wasm.Duration("timeout") ?? normal.Timeout,
            Fuel = wasm.Value("fuel") is YamlScalar fuel && PlainScalar.TryInteger(fuel.Text, out long units) ? units : normal.Fuel,
        };
    }

    private static ImmutableArray<(Located<string> Key, Located<string> Source)> Implementations(KeyReader reader)
    {
        var found = ImmutableArray.CreateBuilder<(Located<string>, Located<string>)>();
        foreach (string name in OperatorKeys.Implementations)
        {
            if (reader.Entry(name) is not { } entry) continue;
            var source = entry.Value is YamlMapping mapping ? mapping.Value("source") : entry.Value;
            string text = source is YamlScalar { IsNull: false } scalar ? scalar.Text : "";
            found.Add((new Located<string>(name, entry.Key.Span), new Located<string>(text, (source ?? entry.Value).Span)));
        }

        found.Sort((a, b) => (a.Item1.Span.Line, a.Item1.Span.Column).CompareTo((b.Item1.Span.Line, b.Item1.Span.Column)));
        return found.ToImmutable();
    }
}
