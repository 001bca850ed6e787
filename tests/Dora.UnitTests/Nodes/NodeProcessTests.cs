// SPDX-License-Identifier: Apache-2.0

using Dora.Protocol.Messages;

namespace Dora.UnitTests.Nodes;

/// <summary>Real processes on both ends of an edge; only the daemon is not the real one.</summary>
public sealed class NodeProcessTests
{
    private const int SIGSEGV = 11;
    private const int SIGABRT = 6;

    [Theory]
    [InlineData("64")]
    [InlineData("0,8,100,5000,300000")]
    public async Task Every_message_arrives_whole_and_in_order_across_processes(string sizes)
    {
        using var daemon = new FakeDaemon();
        using var source = NodeProcess.Start(daemon, "source", null, ["data"], "source", "--count", "500", "--size", sizes, "--interval-us", "0");
        using var sink = NodeProcess.Start(daemon, "sink", ["data"], null, "sink");
        var edge = daemon.Edge(source.Session, "data", sink.Session, "data", policy: QueuePolicy.Backpressure);
        daemon.Start(source.Session, sink.Session);

        Assert.Equal(0, await source.ExitCodeAsync());
        source.Session.Expect(NodeToDaemon.BodyOneofCase.Goodbye);
        FakeDaemon.CloseInput(edge, "'source' ended");
        sink.Session.Send(new DaemonToNode { Stop = new Stop { Cause = StopCause.AllInputsClosed } });

        Assert.Equal(0, await sink.ExitCodeAsync());
        var result = sink.Result();
        Assert.Equal("500", result["received"]);
        Assert.Equal("AllInputsClosed", result["stop"]);
        Assert.DoesNotContain("problems", result);
    }

    [Fact]
    public async Task A_node_process_allocates_nothing_per_message()
    {
        using var daemon = new FakeDaemon();
        using var source = NodeProcess.Start(daemon, "source", null, ["data"], "source", "--size", "64,4096", "--interval-us", "0", "--parameters", "1");
        using var probe = NodeProcess.Start(daemon, "probe", ["data"], ["out"], "allocation_probe");
        daemon.Edge(source.Session, "data", probe.Session, "data", policy: QueuePolicy.Backpressure);
        daemon.Start(source.Session, probe.Session);

        var exitCode = await probe.ExitCodeAsync();

        var result = probe.Result();
        Assert.Equal(("2000", "0"), (result["counted"], result["allocated"]));
        Assert.Equal(0, exitCode);
    }

    [Fact]
    public async Task Subscriber_that_writes_a_payload_is_ended_by_the_kernel()
    {
        using var daemon = new FakeDaemon();
        using var source = NodeProcess.Start(daemon, "source", null, ["data"], "source", "--size", "4096");
        using var writer = NodeProcess.Start(daemon, "writer", ["data"], null, "writes_payload");
        daemon.Edge(source.Session, "data", writer.Session, "data");
        daemon.Start(source.Session, writer.Session);

        var exitCode = await writer.ExitCodeAsync();

        Assert.Contains(exitCode, new[] { 128 + SIGSEGV, 128 + SIGABRT });
        Assert.Empty(writer.Result());
        Assert.False(source.Process.HasExited);
    }

    [Fact]
    public async Task A_process_that_dora_did_not_start_says_so_and_fails()
    {
        using var process = System.Diagnostics.Process.Start(new System.Diagnostics.ProcessStartInfo(NodeProcess.Program, ["sink"]) { RedirectStandardError = true })!;

        var errors = await process.StandardError.ReadToEndAsync().WaitAsync(FakeSession.Patience);
        await process.WaitForExitAsync().WaitAsync(FakeSession.Patience);

        Assert.NotEqual(0, process.ExitCode);
        Assert.Contains("DORA_DAEMON_SOCKET is not set", errors, StringComparison.Ordinal);
    }
}
