// SPDX-License-Identifier: Apache-2.0

using Dora.Comparison.Plan;
using Dora.Comparison.Running;

namespace Dora.Comparison.Reporting;

/// <summary>A goal's state for one of dora's builds.</summary>
/// <param name="Value">The worst ratio or figure; null: nothing was measured.</param>
/// <param name="Where">Size and other side that the worst was found at.</param>
/// <param name="Met">Null: nothing was measured.</param>
internal readonly record struct GoalState(double? Value, string Where, bool? Met);

/// <summary>Checks goals.json against medians of one run.</summary>
internal sealed class Goals(Plan.Comparison comparison, Results results)
{
    /// <summary>The worst over sizes and other sides.</summary>
    public GoalState Check(Goal goal, string subject)
    {
        var sizes = goal.Sizes ?? comparison.Table(goal.Table).Sizes;
        var found = goal.Flat ? Flat(goal, subject, sizes) : Single(goal, subject, sizes);
        if (found.Count == 0)
            return new GoalState(null, "not measured", null);
        var (value, where) = goal.AtMost is not null ? found.MaxBy(f => f.Value) : found.MinBy(f => f.Value);
        return new GoalState(value, where, (goal.AtMost is not { } most || value <= most) && (goal.AtLeast is not { } least || value >= least));
    }

    private List<(double Value, string Where)> Flat(Goal goal, string subject, IReadOnlyList<int> sizes)
    {
        var figures = sizes.Select(size => (Size: size, Figure: Median(goal.Table, subject, size, goal.Metric))).Where(f => f.Figure is > 0).ToList();
        if (figures.Count < 2)
            return [];
        var (slowest, fastest) = (figures.MaxBy(f => f.Figure), figures.MinBy(f => f.Figure));
        return [(slowest.Figure!.Value / fastest.Figure!.Value, $"{Format.Size(slowest.Size)} / {Format.Size(fastest.Size)}")];
    }

    private List<(double Value, string Where)> Single(Goal goal, string subject, IReadOnlyList<int> sizes)
    {
        var found = new List<(double, string)>();
        bool many = sizes.Count > 1 || goal.Against?.Peers.Count > 1;
        foreach (int size in sizes)
        {
            if (Median(goal.Table, subject, size, goal.Metric) is not { } figure)
                continue;
            if (goal.Against is not { } against)
            {
                found.Add((figure, many ? Format.Size(size) : ""));
                continue;
            }

            foreach (string name in against.Peers)
            {
                string other = name == "self" ? subject : name;
                if (Median(against.Table ?? goal.Table, other, size, against.Metric ?? goal.Metric) is { } denominator and > 0)
                    found.Add((figure / denominator, against.Peers.Count > 1 ? $"{name}, {Format.Size(size)}" : many ? Format.Size(size) : ""));
            }
        }

        return found;
    }

    private double? Median(string table, string peer, int size, string metric) => results.Of(new Cell(table, peer, size), metric)?.Median;
}
