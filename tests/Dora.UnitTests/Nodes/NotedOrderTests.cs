// SPDX-License-Identifier: Apache-2.0

using Dora.Middleware;
using Dora.Nodes;
using Dora.Nodes.Receiving;
using Dora.Platform.Memory;
using Dora.SharedMemory;
using Microsoft.Win32.SafeHandles;

namespace Dora.UnitTests.Nodes;

/// <summary>A node with very many inputs, each from a publisher of its own.</summary>
public sealed class NotedOrderTests : IDisposable
{
    private const int InputCount = 600; // more than there are notes, so that some are shared

    private readonly SafeFileHandle _doorbellMemory = DoorbellMemory.Create();
    private readonly SharedDoorbell _doorbell;
    private readonly List<SharedMemoryPublisher> _publishers = [];
    private readonly List<InputPort> _ports = [];
    private readonly NotedOrder _order;

    public NotedOrderTests()
    {
        _doorbell = new SharedDoorbell(_doorbellMemory);
        for (var i = 0; i < InputCount; i++)
        {
            _publishers.Add(new SharedMemoryPublisher(new LocalSegmentSource(() => 0, (_, _) => { }, _ => { }), new PoolBudget(1 << 20)));
            _ports.Add(new InputPort(new InputInfo($"in{i}", $"p{i}/out", 4, QueuePolicy.DropOldest, null), (_, _) => { }));
            Connect(i, (uint)i + 1);
        }

        _order = new NotedOrder([.. _ports], _doorbell);
        Assert.Null(TakeFrom()); // all looked at once, and out of line
    }

    public void Dispose()
    {
        _publishers.ForEach(publisher => publisher.Dispose());
        _ports.ForEach(port => port.Dispose());
        _doorbell.Dispose();
        _doorbellMemory.Dispose();
    }

    [Fact]
    public void A_message_on_any_of_hundreds_of_inputs_is_found()
    {
        for (var i = 0; i < InputCount; i++)
        {
            Send(i);
            Assert.Equal($"in{i}", TakeFrom());
            Assert.Null(TakeFrom());
        }
    }

    [Fact]
    public void A_flooded_input_does_not_starve_the_others()
    {
        var served = new List<string?>();
        for (var round = 0; round < 100; round++)
        {
            Send(7);
            Send(7);
            if (round == 50)
            {
                Send(99);
                Send(7 + 512); // shares its note with the flooded one
            }

            served.Add(TakeFrom());
        }

        Assert.InRange(served.IndexOf("in99"), 50, 53);
        Assert.InRange(served.IndexOf("in519"), 50, 53);
        Assert.Equal(98, served.Count(id => id == "in7"));
    }

    [Fact]
    public void Inputs_take_turns()
    {
        foreach (var i in new[] { 3, 4, 500, 3, 4, 500, 3, 4, 500 })
            Send(i);
        var served = Enumerable.Range(0, 9).Select(_ => TakeFrom()).ToArray();
        for (var turn = 0; turn < 9; turn += 3)
            Assert.Equal(["in3", "in4", "in500"], served[turn..(turn + 3)].Order());
        Assert.Null(TakeFrom());
    }

    [Fact]
    public void A_note_that_a_peer_took_away_is_made_good_when_a_wait_times_out()
    {
        Send(42);
        Scribble(0);
        Assert.Null(TakeFrom());
        _doorbell.Wait(_doorbell.Prepare(), TimeSpan.FromMilliseconds(1));
        Assert.Equal("in42", TakeFrom());
    }

    [Fact]
    public void A_note_that_a_peer_took_away_is_made_good_while_others_are_busy()
    {
        Send(42);
        Scribble(0);
        for (var i = 0; i < 1100; i++)
        {
            Send(1);
            if (TakeFrom() == "in42")
                return;
        }

        Assert.Fail("never looked");
    }

    [Fact]
    public void Notes_about_nothing_cost_a_look_and_nothing_else()
    {
        Scribble(ulong.MaxValue);
        Assert.Null(TakeFrom());
        Send(5);
        Scribble(ulong.MaxValue);
        Assert.Equal("in5", TakeFrom());
        Assert.Null(TakeFrom());
    }

    [Fact]
    public void A_paused_input_keeps_its_place()
    {
        _ports[10].IsPaused = true;
        Send(10);
        Send(11);
        Assert.Equal("in11", TakeFrom());
        Assert.Null(TakeFrom());
        _ports[10].IsPaused = false;
        Assert.Equal("in10", TakeFrom());
    }

    [Fact]
    public void The_edge_of_a_restarted_publisher_is_found_and_the_old_one_forgotten()
    {
        _publishers[20].CloseEdge(21, "restart");
        _ports[20].Find(21)!.Close("restart");
        Connect(20, 9000);
        Send(20);
        Assert.Equal("in20", TakeFrom());
        Assert.Null(_ports[20].Find(21));
        Assert.Null(TakeFrom());
    }

    private string? TakeFrom()
    {
        if (_order.TryTake(out var message) is not { } port)
            return null;
        message.Dispose();
        return port.Id;
    }

    private void Send(int input) => Assert.Equal(Dora.Middleware.SendStatus.Sent, _publishers[input].TrySend("x"u8, [], 1));

    private void Connect(int input, uint edgeId)
    {
        using var memory = EdgeMemory.Create(4);
        _ports[input].Add(new SharedMemorySubscription(edgeId, memory, _ => true));
        _publishers[input].AddEdge(edgeId, memory, _doorbellMemory, OverflowPolicy.DropOldest);
    }

    private unsafe void Scribble(ulong notes)
    {
        using var mapping = MemoryMapping.Map(_doorbellMemory, DoorbellLayout.TotalBytes, writable: true);
        new Span<ulong>((void*)(mapping.Address + DoorbellLayout.Pending), DoorbellLayout.PendingWords).Fill(notes);
    }
}
