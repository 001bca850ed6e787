// SPDX-License-Identifier: Apache-2.0

using System.Text.Json;

namespace Dora.IntegrationTests.Faults;

/// <summary>How a run ended, as <c>dora run --format json</c> tells it.</summary>
/// <param name="ExitCode">Of dora.</param>
/// <param name="Json">Null if dora wrote no report.</param>
/// <param name="Log">What dora showed, for failures.</param>
internal sealed record DataflowReport(int ExitCode, JsonElement? Json, string Log)
{
    /// <summary>Fails, with all that was shown, unless the run ended well.</summary>
    public DataflowReport Succeeded()
    {
        Assert.True(ExitCode == 0 && Json!.Value.GetProperty("succeeded").GetBoolean(), $"exit code {ExitCode}:\n{Log}");
        return this;
    }

    public NodeReport Node(string id)
    {
        var node = Json!.Value.GetProperty("nodes").EnumerateArray().Single(n => n.GetProperty("node").GetString() == id);
        return new NodeReport(node.GetProperty("failed").GetBoolean(), node.GetProperty("exit").GetString()!, node.GetProperty("restarts").GetInt32());
    }

    /// <param name="target"><c>node/input</c>.</param>
    public EdgeReport Edge(string target) => Counts(EdgeJson(target));

    /// <summary>All of them.</summary>
    public IEnumerable<EdgeReport> Edges() => Json!.Value.GetProperty("edges").EnumerateArray().Select(Counts);

    /// <summary>Median age of what was taken from an edge.</summary>
    /// <param name="target"><c>node/input</c>.</param>
    public TimeSpan Age50(string target) => TimeSpan.FromMicroseconds(EdgeJson(target).GetProperty("ageP50Ns").GetInt64() / 1000);

    private JsonElement EdgeJson(string target) =>
        Json!.Value.GetProperty("edges").EnumerateArray().Single(e => e.GetProperty("target").GetString() == target);

    private static EdgeReport Counts(JsonElement edge) =>
        new(edge.GetProperty("sent").GetInt64(), edge.GetProperty("received").GetInt64(), edge.GetProperty("dropped").GetInt64(), edge.GetProperty("lost").GetInt64());
}

internal readonly record struct NodeReport(bool Failed, string Exit, int Restarts);

internal readonly record struct EdgeReport(long Sent, long Received, long Dropped, long Lost = 0);

/// <summary>Tests that keep the machine busy run one after the other.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class FaultCollection
{
    public const string Name = "faults";
}
