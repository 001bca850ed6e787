// SPDX-License-Identifier: Apache-2.0

using System.Text;

namespace Dora.Latency.Running;

/// <summary>The descriptor of a run.</summary>
internal sealed class DataflowText
{
    private readonly RunSettings _run;
    private readonly string _folder;
    private readonly StringBuilder _yaml = new("allow_outside: true\nnodes:\n");
    private readonly List<string> _ids = [];

    public DataflowText(RunSettings run, string folder) => (_run, _folder) = (run, folder);

    /// <summary>Its nodes; the first is the one that sends first.</summary>
    public IReadOnlyList<string> Ids => _ids;

    private string Queue =>
        _run.Case == "dora-rs" ? $"queue_size: {Recipe.QueueSize}" : $"queue_size: {_run.Queue}, queue_policy: backpressure";

    /// <summary>Adds the nodes of a case.</summary>
    /// <returns>The whole descriptor.</returns>
    public string Write()
    {
        switch (_run.Case)
        {
            case "pingpong":
                AddNode("ping", "ping", "ping", [.. Enumerable.Range(0, _run.Fan).Select(i => ($"pong-{i}", $"pong-{i}/pong"))]);
                AddSubscribers("pong", "pong", "ping/ping", "pong");
                break;
            case "throughput":
                AddNode("talker", "pump", "data", []);
                AddSubscribers("listener", "sink", "talker/data", null);
                break;
            case "idle":
                AddNode("talker", "idler", "data", [("back", "listener-0/back")]);
                AddSubscribers("listener", "idler", "talker/data", "back");
                break;
            case "start":
                AddNode("talker", "first", "data", []);
                AddSubscribers("listener", "first", "talker/data", null);
                break;
            case "dora-rs":
                AddNode("source", "recipe-source", "data", []);
                AddSubscribers("sink", "recipe-sink", "source/data", null);
                break;
            default:
                AddNode("talker", "talker", "data", []);
                AddSubscribers("listener", "listener", "talker/data", null);
                break;
        }

        return _yaml.ToString();
    }

    private void AddSubscribers(string id, string role, string source, string? output)
    {
        for (var i = 0; i < _run.Fan; i++)
            AddNode($"{id}-{i}", role, output, [("data", source)]);
    }

    private void AddNode(string id, string role, string? output, (string Id, string Source)[] inputs)
    {
        var core = _ids.Count % Environment.ProcessorCount;
        _ids.Add(id);
        _yaml.Append($"  - id: {id}\n    path: {Quoted(_run.Options.Nodes)}\n    args: {Quoted(string.Join(' ', Arguments(role)))}\n");
        _yaml.Append($"    wait: {_run.Wait}\n");
        if (_run.Options.Pin)
            _yaml.Append($"    cpu_affinity: [{core}]\n");
        if (output is not null)
            _yaml.Append($"    outputs: [{output}]\n");
        if (inputs.Length > 0)
            _yaml.Append("    inputs:\n");
        foreach (var (input, source) in inputs)
            _yaml.Append($"      {input}: {{source: {source}, {Queue}}}\n");
    }

    private IEnumerable<string> Arguments(string role) =>
    [
        "node", role, $"folder={_folder}", $"size={_run.Size}", $"fill={_run.Fill}", $"fan={_run.Fan}", $"messages={_run.Messages}",
        $"warmup={_run.Warmup}", $"warmup_ms={_run.Options.WarmupMs}", $"period_ns={(long)(1e9 / _run.RateHz)}",
        $"allocate={(_run.Case == "gc" ? _run.Options.AllocateMegabytes * 1_000_000L : 0)}", "window_ms=5000",
    ];

    /// <summary>Single quotes of YAML.</summary>
    private static string Quoted(string text) => $"'{text.Replace("'", "''")}'";
}
