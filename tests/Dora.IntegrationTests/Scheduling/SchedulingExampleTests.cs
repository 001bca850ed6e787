// SPDX-License-Identifier: Apache-2.0

using System.Text.Json;
using Dora.IntegrationTests.Cli;
using Dora.Testing;

namespace Dora.IntegrationTests.Scheduling;

/// <summary>The example of priorities, deadlines and threads, as a user starts it.</summary>
public sealed class SchedulingExampleTests
{
    private const int Ticks = 200;

    [Fact]
    public async Task Every_operator_comes_to_its_end_and_the_closing_table_accounts_for_what_it_handled()
    {
        var (code, output, error) = await DoraRun.ToEnd(DoraExecutable.RepositoryRoot, "run", "examples/scheduling/dataflow.yml", "--format", "json");
        Assert.True(code == 0, error);

        using var report = JsonDocument.Parse(output);
        var timings = report.RootElement.GetProperty("operatorTimings").EnumerateArray().ToDictionary(
            op => op.GetProperty("operator").GetString()!,
            op => (Handled: op.GetProperty("handled").GetInt32(), Missed: op.GetProperty("missed").GetInt32(),
                Expired: op.GetProperty("expired").GetInt32(), LongestNs: op.GetProperty("worstNs").GetInt64()));

        // How long things take is the machine's affair; how many there are is not.
        Assert.Equal(["control", "logging", "mapping", "planning"], timings.Keys.Order());
        Assert.Equal(Ticks, timings["control"].Handled);
        Assert.Equal(0, timings["control"].Expired);
        Assert.Equal(Ticks, timings["planning"].Handled);
        Assert.InRange(timings["mapping"].Handled, 1, Ticks);
        Assert.InRange(timings["logging"].Handled + timings["logging"].Expired, 1, Ticks);
        Assert.All(timings.Values, op => Assert.True(op.LongestNs > 0 || op.Handled == 0));
        Assert.All(timings.Values, op => Assert.InRange(op.Missed, 0, Ticks));
        Assert.Contains($"control: {Ticks} ticks, ", error, StringComparison.Ordinal);
        Assert.Contains($"worked on {Ticks} poses, the last was {Ticks}", error, StringComparison.Ordinal);
    }
}
