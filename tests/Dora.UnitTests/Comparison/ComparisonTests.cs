// SPDX-License-Identifier: Apache-2.0

using System.Text.Json;
using System.Xml.Linq;
using Dora.Comparison;
using Dora.Comparison.Plan;
using Dora.Comparison.Reporting;
using Dora.Comparison.Running;
using Dora.Testing;

namespace Dora.UnitTests.Comparison;

public sealed class ComparisonTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("dora-comparison-").FullName;
    private readonly Dora.Comparison.Plan.Comparison _comparison =
        Dora.Comparison.Plan.Comparison.Load(Path.Combine(DoraExecutable.RepositoryRoot, "benchmarks", "Dora.Comparison"));

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("")]
    [InlineData("languages")]
    public void Goals_name_tables_sizes_and_peers_that_are_measured(string plan)
    {
        var comparison = Dora.Comparison.Plan.Comparison.Load(Path.Combine(DoraExecutable.RepositoryRoot, "benchmarks", "Dora.Comparison", plan));
        Assert.All(comparison.Subjects, subject => Assert.Contains(comparison.Peers, peer => peer.Name == subject));
        foreach (var goal in comparison.Goals)
        {
            var table = comparison.Table(goal.Table);
            Assert.True(goal.AtMost is null != goal.AtLeast is null, $"'{goal.Text}' needs one limit");
            Assert.All(goal.Sizes ?? [], size => Assert.Contains(size, table.Sizes));
            if (goal.Against is not { } against)
                continue;
            var others = comparison.PeersOf(comparison.Table(against.Table ?? goal.Table)).Select(p => p.Name).Append("self").ToList();
            Assert.All(against.Peers, peer => Assert.Contains(peer, others));
            Assert.All(goal.Sizes ?? table.Sizes, size => Assert.Contains(size, comparison.Table(against.Table ?? goal.Table).Sizes));
        }
    }

    [Fact]
    public void A_cell_is_the_median_of_its_rounds_between_the_extremes()
    {
        var statistics = Statistics.Of([9, 1, 4, 5]);
        Assert.Equal(new Statistics(4.5, 1, 9, 4), statistics);
        Assert.Null(Statistics.Of([]));
    }

    [Fact]
    public void A_ratio_goal_takes_the_worst_size_and_peer()
    {
        var results = new Results(_folder);
        Add(results, "latency", "dora", 8, "p50_us", 3);
        Add(results, "latency", "dora", 512, "p50_us", 4);
        Add(results, "latency", "iceoryx", 8, "p50_us", 6);
        Add(results, "latency", "iceoryx", 512, "p50_us", 5);
        var goal = new Goal("", "latency", "p50_us", [8, 512], new Against(["iceoryx"]), AtMost: 0.7);

        Assert.Equal(new GoalState(0.8, "512 B", false), new Goals(_comparison, results).Check(goal, "dora"));
        Assert.Equal(new GoalState(null, "not measured", null), new Goals(_comparison, results).Check(goal, "dora-aot"));
    }

    [Fact]
    public void A_flat_goal_divides_the_slowest_size_by_the_fastest()
    {
        var results = new Results(_folder);
        Add(results, "loan-spin", "dora", 512, "p50_us", 0.2);
        Add(results, "loan-spin", "dora", 4096, "p50_us", 0.3);

        var state = new Goals(_comparison, results).Check(new Goal("", "loan-spin", "p50_us", Flat: true, AtMost: 2), "dora");

        Assert.Equal(1.5, state.Value!.Value, 6);
        Assert.True(state.Met);
    }

    [Fact]
    public void A_run_that_was_cut_off_goes_on_where_it_was()
    {
        Add(new Results(_folder), "latency", "uds", 8, "p50_us", 3);
        File.AppendAllText(Path.Combine(_folder, "results.jsonl"), """{"table":"lat""");

        var again = new Results(_folder);

        Assert.True(again.Has(new Cell("latency", "uds", 8), 1));
        Assert.False(again.Has(new Cell("latency", "uds", 8), 2));
        Assert.Equal(3, again.Of(new Cell("latency", "uds", 8), "p50_us")!.Value.Median);
    }

    [Fact]
    public void Every_table_and_plot_that_has_figures_is_written_and_every_plot_is_well_formed()
    {
        var results = new Results(_folder);
        foreach (var cell in _comparison.Cells([], [], []))
        {
            double figure = 1 + cell.SizeBytes / 1000.0 + cell.Peer.Length;
            results.Add(Record(cell, string.Join(',', _comparison.Table(cell.Table).Metrics.Select(m => FormattableString.Invariant($"\"{m}\":{figure}")))));
        }

        string report = new Report(_comparison, results, Machine.Describe(), [(_comparison.Peer("nats"), "x")]).Write();
        var plots = Plots.Draw(_comparison, results).ToList();

        Assert.All(_comparison.Tables, table => Assert.Contains($"### {table.Title}\n", report));
        Assert.Equal(["latency.svg", "loan.svg", "throughput.svg", "fan-out.svg", "paced.svg", "paced-fan-out.svg"], plots.Select(p => p.Name));
        foreach (var (_, svg) in plots)
        {
            var root = XDocument.Parse(svg).Root!;
            Assert.Contains(root.Descendants(), e => e.Name.LocalName == "text" && e.Value == "dora (NativeAOT)");
        }
    }

    [Fact]
    public void Labels_are_moved_apart_and_stay_inside()
    {
        double[] spread = Plots.Spread([10, 11, 95, 99], 10, 0, 100);
        Assert.All(spread.Zip(spread.Skip(1)), pair => Assert.True(pair.Second - pair.First >= 10 - 1e-9));
        Assert.All(spread, place => Assert.InRange(place, 0, 100));
    }

    [Theory]
    [InlineData("p50_us", 0.0649, "0.065")]
    [InlineData("p50_us", 21.74, "21.7")]
    [InlineData("p50_us", 3290.4, "3,290")]
    [InlineData("msgs_per_s", 6_100_000, "6.1 M")]
    [InlineData("msgs_per_s", 81_900, "81.9 K")]
    [InlineData("msgs_per_s", 377.2, "377")]
    public void Figures_have_three_digits(string metric, double value, string expected) => Assert.Equal(expected, Format.Number(metric, value));

    [Fact]
    public void The_documentation_keeps_what_is_around_the_report()
    {
        string page = $"# Title\n\n{Docs.Begin}\nold\n{Docs.End}\n\nRest\n";
        Assert.Equal($"# Title\n\n{Docs.Begin}\n\nnew\n\n{Docs.End}\n\nRest\n", Docs.Replace(page, "new\n"));
        string real = File.ReadAllText(Path.Combine(DoraExecutable.RepositoryRoot, "docs", "guide", "performance.md"));
        Assert.Contains(Docs.Begin, real);
        Assert.Contains(Docs.BeginLanguages, real);
    }

    [Fact]
    public void Each_plan_has_its_own_place_in_the_documentation()
    {
        string page = $"{Docs.Begin}\none\n{Docs.End}\n\n{Docs.BeginLanguages}\ntwo\n{Docs.End}\n";
        Assert.Equal($"{Docs.Begin}\none\n{Docs.End}\n\n{Docs.BeginLanguages}\n\nnew\n\n{Docs.End}\n", Docs.Replace(page, "new\n", Docs.BeginLanguages));
    }

    [Fact]
    public void The_first_round_sizes_runs_by_guess_and_the_next_by_what_was_measured()
    {
        var settings = Settings.Parse([], _folder);
        var results = new Results(_folder);
        var runner = new Runner(_comparison, results, settings, TextWriter.Null);
        var cell = new Cell("latency", "uds", 8);

        int guessed = runner.Messages(cell);
        Add(results, "latency", "uds", 8, "p50_us", 150);

        Assert.InRange(guessed, 3_000, 7_000);
        Assert.Equal(666, runner.Messages(cell));
    }

    private static void Add(Results results, string table, string peer, int size, string metric, double value) =>
        results.Add(Record(new Cell(table, peer, size), FormattableString.Invariant($"\"{metric}\":{value}")));

    private static RunRecord Record(Cell cell, string fields) =>
        new(cell.Table, cell.Peer, cell.SizeBytes, 1, "ok", 0, 1, Line: JsonElement.Parse("{" + fields + "}"));
}
