// SPDX-License-Identifier: Apache-2.0

using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Dora.Nodes.Hosting;

/// <summary>The node's life inside the host.</summary>
/// <remarks>
/// Start: connect, publish the node to other services, run the loop. Stop: cancel the loop, wait for the handler, take the node from other
/// services, say goodbye. The loop ends by itself when the node does, and then stops the host.
/// </remarks>
internal sealed partial class NodeService(INodeHandler handler, HostedNode hosted, IHostApplicationLifetime lifetime, ILogger<NodeService> logger)
    : IHostedService, IDisposable
{
    private readonly CancellationTokenSource _stopping = new();
    private DoraNode? _node;
    private Task _loop = Task.CompletedTask;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        // Joining blocks until the whole dataflow is ready, which has a time limit of its own.
        _node = await Task.Run(DoraNode.InitFromEnv, cancellationToken).ConfigureAwait(false);
        hosted.Set(_node);
        _loop = Task.Run(() => RunAsync(_node, _stopping.Token), CancellationToken.None);
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _loop.WaitAsync(cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        Leave();
    }

    public void Dispose()
    {
        Leave();
        _stopping.Dispose();
    }

    private async Task RunAsync(DoraNode node, CancellationToken stopping)
    {
        try
        {
            while (await node.RecvAsync(stopping).ConfigureAwait(false) is { } e)
                await handler.OnEventAsync(e, node, stopping).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
        }
        catch (Exception e) // the handler's: this process has failed, and the daemon is to see it
        {
            LogHandlerFailed(e);
            Environment.ExitCode = 1;
        }

        lifetime.StopApplication();
    }

    private void Leave()
    {
        hosted.Set(null);
        Interlocked.Exchange(ref _node, null)?.Dispose();
    }

    [LoggerMessage(Level = LogLevel.Critical, Message = "The node's handler failed; the host stops.")]
    private partial void LogHandlerFailed(Exception e);
}
