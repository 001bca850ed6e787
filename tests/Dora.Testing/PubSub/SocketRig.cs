// SPDX-License-Identifier: Apache-2.0

using System.Net;
using System.Net.Sockets;
using Dora.Middleware;

namespace Dora.Testing.PubSub;

/// <summary>A rig over one TCP connection on the loopback for each subscriber.</summary>
public sealed class SocketRig : PubSubRig
{
    private readonly LocalDoorbell _doorbell = new();
    private readonly SocketPublisher _publisher;
    private readonly List<SocketSubscription> _subscriptions = [];

    /// <summary>Makes a publisher.</summary>
    public SocketRig(long poolBytesMax = 2L << 30) => _publisher = new SocketPublisher(poolBytesMax) { EdgeFaulted = OnFault };

    /// <inheritdoc/>
    public override Publisher Publisher => _publisher;

    /// <inheritdoc/>
    public override Doorbell Doorbell => _doorbell;

    /// <inheritdoc/>
    public override Subscription Subscribe(int queueSize = 10, OverflowPolicy policy = OverflowPolicy.DropOldest)
    {
        var (sender, receiver) = Connect();
        var id = (uint)_subscriptions.Count + 1;
        var subscription = new SocketSubscription(id, receiver, policy, queueSize, _doorbell);
        _subscriptions.Add(subscription);
        _publisher.AddEdge(id, sender, policy, queueSize);
        return subscription;
    }

    /// <summary>Adds an edge of which the test itself is the subscriber.</summary>
    public Socket SubscribeRaw(int queueSize = 10, OverflowPolicy policy = OverflowPolicy.DropOldest)
    {
        var (sender, receiver) = Connect();
        _publisher.AddEdge(1000, sender, policy, queueSize);
        return receiver;
    }

    /// <summary>Adds a subscription of which the test itself is the publisher.</summary>
    public (SocketSubscription Subscription, Socket Socket) PublishRaw(
        int queueSize = 10, OverflowPolicy policy = OverflowPolicy.DropOldest)
    {
        var (sender, receiver) = Connect();
        var subscription = new SocketSubscription(1001, receiver, policy, queueSize, _doorbell);
        _subscriptions.Add(subscription);
        return (subscription, sender);
    }

    /// <inheritdoc/>
    public override void Settle(Subscription subscription) => Until(
        () => _publisher.ForwardedCount(subscription.EdgeId) is { } sent
            ? subscription.GetCounters().Sent == sent
            : subscription.IsClosed,
        $"all messages arrive on edge {subscription.EdgeId}");

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        _publisher.Dispose();
        foreach (var subscription in _subscriptions)
            subscription.Dispose();
        _doorbell.Dispose();
    }

    private static (Socket Sender, Socket Receiver) Connect()
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        var sender = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        sender.Connect(listener.LocalEndPoint!);
        var receiver = listener.Accept();
        receiver.NoDelay = true;
        return (sender, receiver);
    }
}
