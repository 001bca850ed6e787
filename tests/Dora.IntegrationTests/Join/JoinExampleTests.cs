// SPDX-License-Identifier: Apache-2.0

using System.Text.Json;
using System.Text.RegularExpressions;
using Dora.IntegrationTests.Cli;
using Dora.Testing;

namespace Dora.IntegrationTests.Join;

/// <summary>The example of joins, as a user starts it: a node and an operator that join the readings of two sensors.</summary>
public sealed partial class JoinExampleTests
{
    private const int LeftReadings = 20;
    private const int RightReadings = 34;
    private const int ToleranceMs = 10;

    [Fact]
    public async Task Sets_are_those_that_the_readings_determine_and_every_reading_is_accounted_for()
    {
        var (code, output, error) = await DoraRun.ToEnd(DoraExecutable.RepositoryRoot, "run", "examples/join/dataflow.yml", "--format", "json");
        Assert.True(code == 0, error);

        var lefts = Enumerable.Range(0, LeftReadings).Select(i => i * 50).ToArray();
        var rights = Enumerable.Range(0, RightReadings).Select(i => 3 + (i * 30)).ToArray();
        var expected = lefts.SelectMany(l => rights.Where(r => Math.Abs(r - l) <= ToleranceMs).Select(r => (l, r))).ToArray(); // nobody has two partners
        Assert.Equal(expected, Pairs().Matches(error).Select(m => (int.Parse(m.Groups[1].Value), int.Parse(m.Groups[2].Value))));

        var means = Enumerable.Range(0, LeftReadings).Select(i => $"mean {i + 1}: {(lefts[i] + rights[i]) / 2.0}");
        Assert.Equal(means, Means().Matches(error).Select(m => m.Value));

        using var report = JsonDocument.Parse(output);
        var joins = report.RootElement.GetProperty("joins").EnumerateArray().ToDictionary(j => j.GetProperty("owner").GetString()!);
        Assert.Equal(expected.Length, joins["fusion"].GetProperty("sets").GetInt32());
        Assert.Equal(LeftReadings, joins["runtime/mean"].GetProperty("sets").GetInt32());
        Assert.All(joins.Values, join => Assert.Equal(
            LeftReadings + RightReadings, join.GetProperty("used").GetInt32() + join.GetProperty("dropped").GetInt32()));
        Assert.Equal(RightReadings - LeftReadings, joins["runtime/mean"].GetProperty("ended").GetInt32());
    }

    [GeneratedRegex(@"left at (\d+) ms, right at (\d+) ms")]
    private static partial Regex Pairs();

    [GeneratedRegex(@"mean \d+: [\d.]+")]
    private static partial Regex Means();
}
