// SPDX-License-Identifier: Apache-2.0

using Dora.Nodes;
using Dora.Nodes.Connection;
using Dora.Protocol;
using Dora.Protocol.Messages;

namespace Dora.UnitTests.Nodes;

public sealed class ConnectingTests
{
    [Fact]
    public void A_process_that_dora_did_not_start_is_told_so_and_what_to_do()
    {
        var e = Assert.Throws<NodeConnectionException>(() => NodeEnvironment.Read(_ => null));

        Assert.Contains("DORA_DAEMON_SOCKET", e.Message, StringComparison.Ordinal);
        Assert.Contains("not started by dora", e.Message, StringComparison.Ordinal);
        Assert.Contains("dora run", e.Fix, StringComparison.Ordinal);
    }

    [Fact]
    public void A_secret_that_is_not_there_is_an_error_with_a_fix()
    {
        var e = Assert.Throws<NodeConnectionException>(() => NodeEnvironment.Read(name => name == NodeEnvironment.SecretFdVariable ? "987654" : "x"));

        Assert.Contains("987654", e.Message, StringComparison.Ordinal);
        Assert.Contains("once", e.Fix, StringComparison.Ordinal);
    }

    [Fact]
    public void The_secret_is_read_once_from_the_inherited_descriptor()
    {
        var secret = Enumerable.Range(1, NodeEnvironment.SecretLength).Select(i => (byte)i).ToArray();
        using var pipe = new System.IO.Pipes.AnonymousPipeServerStream(System.IO.Pipes.PipeDirection.Out);
        pipe.Write(secret);
        var fd = pipe.GetClientHandleAsString();
        string Variable(string name) => name == NodeEnvironment.SecretFdVariable ? fd : name;

        var environment = NodeEnvironment.Read(Variable);

        Assert.Equal(secret, environment.Secret);
        Assert.Equal(("DORA_DAEMON_SOCKET", "DORA_NODE_ID", "DORA_DATAFLOW_ID"), (environment.SocketPath, environment.NodeId, environment.DataflowId));
        pipe.ClientSafePipeHandle.SetHandleAsInvalid(); // it was closed by its number
    }

    [Fact]
    public void A_socket_that_nobody_listens_on_is_an_error_with_a_fix()
    {
        var environment = new NodeEnvironment("/tmp/no-such-dora.sock", "flow", "node", new byte[32]);

        var e = Assert.Throws<NodeConnectionException>(() => DoraNode.Connect(environment, TimeProvider.System));

        Assert.Contains("/tmp/no-such-dora.sock", e.Message, StringComparison.Ordinal);
        Assert.NotNull(e.InnerException);
    }

    [Fact]
    public async Task A_node_introduces_itself_and_learns_its_configuration()
    {
        using var daemon = new FakeDaemon();
        var session = daemon.Node("camera", inputs: ["tick"], outputs: ["frame", "info"], configure: config =>
        {
            config.RestartCount = 2;
            config.Inputs[0].InputTimeoutNs = 1_500_000_000;
            config.Inputs[0].QueuePolicy = Dora.Protocol.Messages.QueuePolicy.Backpressure;
            config.WorkingDirectory = "/somewhere";
            config.DescriptorYaml = "nodes:\n- id: camera";
        });

        var connecting = session.ConnectAsync();
        daemon.Start(session);
        using var node = await connecting.WaitAsync(FakeSession.Patience);

        Assert.Equal("camera", node.Id);
        Assert.Equal("0198-test", node.DataflowId);
        Assert.Equal(2, node.RestartCount);
        Assert.True(node.IsRestart);
        Assert.Equal(["frame", "info"], node.Config.Outputs);
        Assert.Equal(new InputInfo("tick", "somebody/something", 10, Dora.Nodes.QueuePolicy.BackPressure, TimeSpan.FromSeconds(1.5)), node.Config.Inputs[0]);
        Assert.Equal("/somewhere", node.Config.WorkingDirectory);
        Assert.StartsWith("nodes:", node.DataflowDescriptor, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Connecting_waits_for_the_start_of_the_dataflow()
    {
        using var daemon = new FakeDaemon();
        var session = daemon.Node("node");
        var connecting = session.ConnectAsync();
        session.Expect(NodeToDaemon.BodyOneofCase.Hello);
        session.Send(new DaemonToNode { WiringDone = new WiringDone() });
        session.Expect(NodeToDaemon.BodyOneofCase.Ready);

        Assert.False(connecting.IsCompleted);
        session.Send(new DaemonToNode { Start = new Start() });

        (await connecting.WaitAsync(FakeSession.Patience)).Dispose();
    }

    [Fact]
    public async Task A_refusal_carries_the_daemons_reason_and_fix()
    {
        using var daemon = new FakeDaemon();
        var session = daemon.Node("node");
        session.AnswerToHello = new DaemonToNode { Refused = new Refused { Reason = "protocol 9 is not spoken here", Fix = "Update dora." } };

        var e = await Assert.ThrowsAsync<NodeConnectionException>(() => session.ConnectAsync().WaitAsync(FakeSession.Patience));

        Assert.Contains("protocol 9 is not spoken here", e.Message, StringComparison.Ordinal);
        Assert.Equal("Update dora.", e.Fix);
    }

    [Fact]
    public async Task A_daemon_that_dies_before_the_start_is_an_error()
    {
        using var daemon = new FakeDaemon();
        var session = daemon.Node("node");
        var connecting = session.ConnectAsync();
        session.Expect(NodeToDaemon.BodyOneofCase.Hello);

        session.HangUp();

        var e = await Assert.ThrowsAsync<NodeConnectionException>(() => connecting.WaitAsync(FakeSession.Patience));
        Assert.Contains("did not start", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Shared_memory_of_another_version_is_an_error_that_names_both_versions()
    {
        using var daemon = new FakeDaemon();
        var session = daemon.Node("node");
        using var notADoorbell = Dora.SharedMemory.SegmentMemory.Create(4096, 1);
        session.AnswerToHello = new DaemonToNode { Welcome = new Welcome { Version = new VersionRange { Major = 1, Product = "9.8.7" }, Fds = 1 } };
        session.AnswerDescriptors = [notADoorbell];

        var e = await Assert.ThrowsAsync<NodeConnectionException>(() => session.ConnectAsync().WaitAsync(FakeSession.Patience));

        Assert.Contains($"the node's dora library is {ProtocolVersions.Product}, the daemon is 9.8.7", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_daemon_that_talks_nonsense_is_an_error()
    {
        using var daemon = new FakeDaemon();
        var session = daemon.Node("node");
        var connecting = session.ConnectAsync();
        session.Expect(NodeToDaemon.BodyOneofCase.Hello);

        session.SendRaw([0xFF, 0xFF, 0xFF]);

        await Assert.ThrowsAsync<NodeConnectionException>(() => connecting.WaitAsync(FakeSession.Patience));
    }

    [Fact]
    public async Task A_stop_before_the_start_is_the_first_event()
    {
        using var daemon = new FakeDaemon();
        var session = daemon.Node("node");
        var connecting = session.ConnectAsync();
        session.Expect(NodeToDaemon.BodyOneofCase.Hello);

        session.Send(new DaemonToNode { Stop = new Stop { Cause = Dora.Protocol.Messages.StopCause.Manual } });

        using var node = await connecting.WaitAsync(FakeSession.Patience);
        Assert.IsType<StopEvent>(node.Recv());
        Assert.Null(node.Recv());
    }

    [Fact]
    public async Task Leaving_says_goodbye()
    {
        using var daemon = new FakeDaemon();
        var session = daemon.Node("node");
        var node = (await daemon.StartAsync(session))[0];

        node.Dispose();
        node.Dispose();

        session.Expect(NodeToDaemon.BodyOneofCase.Goodbye);
        Assert.Null(node.Recv(TimeSpan.Zero) as object);
    }
}
