// SPDX-License-Identifier: Apache-2.0

using System.Text.Json;
using Dora.Comparison.Plan;

namespace Dora.Comparison.Running;

/// <summary>A line of results.jsonl: one run of one cell.</summary>
/// <param name="Table">Id of the cell's table.</param>
/// <param name="Peer">Name of the cell's peer.</param>
/// <param name="Size">Payload bytes of the cell.</param>
/// <param name="Round">From 1.</param>
/// <param name="Outcome"><c>ok</c>, <c>unsupported</c> (the peer doesn't offer it) or <c>failed</c>.</param>
/// <param name="Runnable">Other runnable threads on the machine right before the run, after waiting for none.</param>
/// <param name="ElapsedMs">The run with its start and end.</param>
/// <param name="Reason">Why there is no line.</param>
/// <param name="Line">The peer's JSON line as it came.</param>
internal sealed record RunRecord(
    string Table, string Peer, int Size, int Round, string Outcome, int Runnable, long ElapsedMs, string? Reason = null, JsonElement? Line = null)
{
    public Cell Cell => new(Table, Peer, Size);

    /// <summary>A figure of the peer's line, if it has it.</summary>
    public double? Metric(string name) =>
        Line is { } line && line.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number ? value.GetDouble() : null;
}

/// <summary>The runs so far, in memory and in the folder's results.jsonl. One thread.</summary>
internal sealed class Results
{
    private readonly string _path;
    private readonly List<RunRecord> _records = [];

    public Results(string folder)
    {
        _path = Path.Combine(folder, "results.jsonl");
        if (!File.Exists(_path))
            return;
        foreach (string line in File.ReadLines(_path))
        {
            // A run that was killed may have left half a line.
            try
            {
                if (JsonSerializer.Deserialize(line, Json.Default.RunRecord) is { } record)
                    _records.Add(record);
            }
            catch (JsonException)
            {
            }
        }
    }

    public IReadOnlyList<RunRecord> Records => _records;

    public void Add(RunRecord record)
    {
        _records.Add(record);
        File.AppendAllText(_path, JsonSerializer.Serialize(record, Json.Default.RunRecord) + "\n");
    }

    /// <summary>Whether a cell needs no run in this round: it has one, or an earlier one said that none will come.</summary>
    public bool Has(Cell cell, int round) =>
        _records.Exists(r => r.Cell == cell && (r.Round == round || r.Outcome == "unsupported"));

    /// <summary>A figure over all rounds; null if no run has it.</summary>
    public Statistics? Of(Cell cell, string metric) =>
        Statistics.Of(_records.Where(r => r.Cell == cell && r.Outcome == "ok").Select(r => r.Metric(metric)).OfType<double>());
}

/// <summary>Median and extremes.</summary>
internal readonly record struct Statistics(double Median, double Min, double Max, int Count)
{
    public static Statistics? Of(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        if (sorted.Length == 0)
            return null;
        int middle = sorted.Length / 2;
        double median = sorted.Length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
        return new Statistics(median, sorted[0], sorted[^1], sorted.Length);
    }
}
