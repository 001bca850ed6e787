// SPDX-License-Identifier: Apache-2.0

using Dora.Nodes;
using Dora.Nodes.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

// A node inside a .NET host: passes ticks on, fails at the one that its first argument names.
var builder = Host.CreateApplicationBuilder();
builder.Services.AddDoraNode<Relay>();
builder.Services.AddSingleton(new FailAt(args.Length > 0 ? int.Parse(args[0]) : 0));
builder.Services.AddHostedService<Greeter>();
await builder.Build().RunAsync();

internal sealed record FailAt(int Tick);

internal sealed partial class Relay(FailAt failAt, ILogger<Relay> logger) : INodeHandler
{
    private int _ticks;

    public ValueTask OnEventAsync(DoraEvent e, DoraNode node, CancellationToken stopping)
    {
        if (e is not InputEvent { Id: "tick" } tick)
            return ValueTask.CompletedTask;
        if (++_ticks == failAt.Tick)
            throw new InvalidOperationException("the handler fails as it was told");
        node.SendOutput("relayed", tick.Data, tick.Metadata);
        LogTick(_ticks);
        return ValueTask.CompletedTask;
    }

    [LoggerMessage(EventId = 7, Level = LogLevel.Information, Message = "tick {Tick}")]
    private partial void LogTick(int tick);
}

/// <summary>Another service of the host, which finds the node there.</summary>
internal sealed class Greeter(HostedNode hosted) : BackgroundService
{
    protected override Task ExecuteAsync(CancellationToken stoppingToken)
    {
        hosted.Node.LogInfo($"a service greets from {hosted.Node.Id}");
        return Task.CompletedTask;
    }
}
