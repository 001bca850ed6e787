// SPDX-License-Identifier: Apache-2.0

using System.Diagnostics;
using System.Text.Json;
using Dora.IntegrationTests.Faults;
using Dora.Testing;

namespace Dora.IntegrationTests.Benchmarks;

/// <summary>The end-to-end benchmark works, and what it can count exactly is right. What it times is nobody's business here.</summary>
[Collection(FaultCollection.Name)]
public sealed class LatencyBenchmarkTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    private static readonly string Program =
        Path.Combine(DoraExecutable.RepositoryRoot, "benchmarks", "Dora.Latency", "bin", "Debug", "net10.0", "Dora.Latency");

    [Theory]
    [InlineData("pingpong", "write", "block", 1)]
    [InlineData("pingpong", "touch", "adaptive", 2)]
    [InlineData("throughput", "touch", "adaptive", 1)]
    [InlineData("throughput", "loan", "block", 4)]
    [InlineData("paced", "touch", "block", 4)]
    public async Task A_run_is_one_line_of_json_and_allocates_nothing_for_each_message(string name, string fill, string wait, int fan)
    {
        var result = await Run("--case", name, "--fill", fill, "--wait", wait, "--fan", $"{fan}", "--size", "512", "--messages", "2000", "--warmup", "500", "--warmup-ms", "0", "--rate", "4000");

        Assert.Equal("smoke", result.GetProperty("peer").GetString());
        Assert.Equal(name, result.GetProperty("case").GetString());
        Assert.Equal(fill, result.GetProperty("fill").GetString());
        Assert.Equal(wait, result.GetProperty("wait").GetString());
        Assert.Equal(fan, result.GetProperty("fan").GetInt32());
        Assert.Equal(512, result.GetProperty("size").GetInt32());
        Assert.Equal(2000, result.GetProperty("messages").GetInt32());
        // One small object a message would be 24. At a pace, a receiver that gets no core lets its queue grow, and the pool with it.
        var allocated = result.GetProperty("alloc_bytes_per_msg").GetDouble();
        Assert.InRange(allocated, 0, name == "paced" ? double.MaxValue : 8);
        string[] times = name == "throughput" ? ["msgs_per_s", "gb_per_s"] : ["p50_us", "p90_us", "p99_us", "p999_us", "max_us", "first_us"];
        foreach (var time in times)
            Assert.True(result.GetProperty(time).GetDouble() > 0, time);
        foreach (var used in (string[])["cpu_us_per_msg", "daemon_cpu_us_per_msg", "faults_per_msg"])
            Assert.True(result.GetProperty(used).GetDouble() >= 0, used);
    }

    [Fact]
    public async Task Starts_are_timed_from_the_command_and_from_validation()
    {
        var result = await Run("--case", "start", "--messages", "2");

        foreach (var time in (string[])["p50_us", "command_us", "main_us", "ready_us"])
            Assert.True(result.GetProperty(time).GetDouble() > 0, time);
        Assert.True(result.GetProperty("command_us").GetDouble() > result.GetProperty("p50_us").GetDouble());
    }

    [Fact]
    public async Task What_is_not_offered_ends_with_code_3_and_a_failed_dataflow_with_code_1_and_its_log()
    {
        var (code, output, error) = await ToEnd("--case", "telepathy");
        Assert.Equal((3, ""), (code, output));
        Assert.Contains("telepathy", error);

        (code, output, error) = await ToEnd("--size", "8", "--nodes", "/bin/false");
        Assert.Equal((1, ""), (code, output));
        Assert.Contains("exit code 1", error);
    }

    private static async Task<JsonElement> Run(params string[] arguments)
    {
        var (code, output, error) = await ToEnd(arguments);
        Assert.True(code == 0, error);
        var line = Assert.Single(output.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        return JsonElement.Parse(line);
    }

    private static async Task<(int ExitCode, string Out, string Error)> ToEnd(params string[] arguments)
    {
        ProcessStartInfo start = new(Program, ["--dora", DoraExecutable.Path, "--peer", "smoke", .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        try
        {
            var (output, error) = (process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
            await process.WaitForExitAsync().WaitAsync(Patience);
            return (process.ExitCode, await output.WaitAsync(Patience), await error.WaitAsync(Patience));
        }
        finally
        {
            if (!process.HasExited)
                process.Kill(entireProcessTree: true);
        }
    }
}
