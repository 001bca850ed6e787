// SPDX-License-Identifier: Apache-2.0

using System.Collections.Concurrent;
using Dora.Daemon.Shell;
using Dora.Platform.Files;
using Dora.Platform.Sockets;
using Dora.Protocol;
using Dora.Protocol.Messages;
using Google.Protobuf;

namespace Dora.UnitTests.Shell;

/// <summary>Who stands at the daemon's door and says nothing.</summary>
public sealed class NodeGateTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("dora-test-");
    private readonly EventPoll _poll = new("test poll");
    private readonly ConcurrentQueue<string> _warnings = new();
    private readonly List<FrameChannel> _visitors = [];

    public void Dispose()
    {
        foreach (var visitor in _visitors)
            visitor.Dispose();
        _poll.Dispose();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task Who_says_no_hello_in_time_is_told_so_and_turned_away()
    {
        using var gate = Open(TimeSpan.FromMilliseconds(50));
        var (first, second) = (Visit(), Visit());

        Assert.Contains("no hello came within 0.05 s", await TurnedAway(first), StringComparison.Ordinal);
        Assert.Contains("no hello came within 0.05 s", await TurnedAway(second), StringComparison.Ordinal);
        Assert.Contains("no hello came within 0.05 s", await TurnedAway(Visit()), StringComparison.Ordinal); // the clock runs for each anew

        Assert.Equal(3, _warnings.Count);
        Assert.All(_warnings, warning => Assert.StartsWith($"process {Environment.ProcessId} connected and said no hello", warning, StringComparison.Ordinal));
    }

    [Fact]
    public async Task When_the_door_is_full_the_oldest_goes_and_a_late_node_still_gets_in()
    {
        using var gate = Open(TimeSpan.FromHours(1));
        var oldest = Visit();
        for (var i = 1; i < NodeGate.StrangersMax; i++)
            Visit();

        var late = Visit();
        late.Send(new NodeToDaemon { Hello = new Hello { DataflowId = "another" } }.ToByteArray());

        Assert.Contains("connections have not said hello", await TurnedAway(oldest), StringComparison.Ordinal);
        Assert.Contains("this daemon runs dataflow", await TurnedAway(late), StringComparison.Ordinal); // it was heard
    }

    private NodeGate Open(TimeSpan patience) =>
        new(_poll, SocketPath, new DataflowId(Guid.CreateVersion7()), new Nobody(), _warnings.Enqueue, patience);

    private string SocketPath => Path.Combine(_folder.FullName, "daemon.sock");

    private FrameChannel Visit()
    {
        var visitor = new FrameChannel(UnixSocket.Connect(SocketPath), new FrameLimits());
        _visitors.Add(visitor);
        return visitor;
    }

    private static async Task<string> TurnedAway(FrameChannel visitor) => await Task.Run(() =>
    {
        Assert.True(visitor.Read(out var frame));
        var refusal = MessageDecoder.DecodeDaemonToNode(frame).Refused.Reason;
        Assert.False(visitor.Read(out _)); // the end
        return refusal;
    }).WaitAsync(Patience);

    private sealed class Nobody : INodeRegistry
    {
        public LiveNode? Expect(NodeId node, out string refusal)
        {
            refusal = "nobody is expected";
            return null;
        }

        public IFrameHandler Welcome(LiveNode node) => throw new InvalidOperationException("nobody was expected");
    }
}
