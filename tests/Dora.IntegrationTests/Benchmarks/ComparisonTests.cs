// SPDX-License-Identifier: Apache-2.0

using System.Diagnostics;
using System.Text.Json;
using Dora.Testing;

namespace Dora.IntegrationTests.Benchmarks;

/// <summary>That the comparison runs; its figures are nobody's business here.</summary>
public sealed class ComparisonTests : IDisposable
{
    private static readonly string Configuration = new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;
    private static readonly string PeersExe = Built("benchmarks/peers/dotnet", "dora-peers-dotnet");
    private static readonly string DriverExe = Built("benchmarks/Dora.Comparison", "Dora.Comparison");

    private readonly string _folder = Directory.CreateTempSubdirectory("dora-comparison-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Theory]
    [InlineData("uds", "pingpong", "1")]
    [InlineData("uds", "paced", "2")]
    [InlineData("pipelines", "throughput", "2")]
    [InlineData("grpc", "throughput", "2")]
    public async Task A_peer_measures_itself_and_prints_one_line(string peer, string kind, string fan)
    {
        var (code, output, errors) = await RunAsync(PeersExe,
            [peer, "--case", kind, "--size", "70001", "--fill", "touch", "--messages", "20", "--fan", fan, "--warmup", "2"]);

        Assert.True(code == 0, errors);
        using var line = JsonDocument.Parse(Assert.Single(output.Split('\n', StringSplitOptions.RemoveEmptyEntries)));
        Assert.Equal(peer, line.RootElement.GetProperty("peer").GetString());
        Assert.Equal(20, line.RootElement.GetProperty("messages").GetInt32());
        Assert.True(line.RootElement.GetProperty(kind == "throughput" ? "msgs_per_s" : "p50_us").GetDouble() > 0);
    }

    [Fact]
    public async Task What_a_peer_does_not_offer_ends_with_code_3_and_a_reason()
    {
        var (code, output, errors) = await RunAsync(PeersExe, ["uds", "--fill", "loan"]);
        Assert.Equal((3, ""), (code, output));
        Assert.NotEmpty(errors);
    }

    [Fact]
    public async Task The_driver_compares_what_is_built_and_lists_what_is_not()
    {
        string programs = Path.Combine(_folder, "artifacts", "peers", "dotnet"), output = Path.Combine(_folder, "results");
        Directory.CreateDirectory(programs);
        File.CreateSymbolicLink(Path.Combine(programs, "dora-peers-dotnet"), PeersExe);

        var (code, report, errors) = await RunAsync(DriverExe,
            ["--quick", "--peers", "uds,iceoryx", "--cases", "latency", "--sizes", "8,512", "--artifacts", Path.Combine(_folder, "artifacts"), "--output", output]);

        Assert.True(code == 0, errors);
        Assert.Equal(2, File.ReadLines(Path.Combine(output, "results.jsonl")).Count());
        Assert.Contains("| UNIX socket (.NET) |", report);
        Assert.Contains("- iceoryx: not built", report);
        Assert.Contains("polyline", File.ReadAllText(Path.Combine(output, "latency.svg")));
    }

    private static async Task<(int Code, string Output, string Errors)> RunAsync(string file, string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(file, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        try
        {
            await process.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromSeconds(120));
        }
        finally
        {
            if (!process.HasExited)
                process.Kill(entireProcessTree: true);
        }

        return (process.ExitCode, await output, await errors);
    }

    private static string Built(string project, string name) =>
        Path.Combine(DoraExecutable.RepositoryRoot, project, "bin", Configuration, "net10.0", name);
}
