// SPDX-License-Identifier: Apache-2.0

using Dora.Cli.Output;
using Dora.Dataflows.Graph;

namespace Dora.Cli.Running;

/// <summary>After Ctrl-C: how long nodes still have, and how to be faster.</summary>
internal sealed class StopCountdown : IDisposable
{
    private readonly TimeSpan _grace;
    private readonly Talk _talk;
    private readonly CancellationTokenRegistration _onStop;
    private readonly CancellationTokenRegistration _onForce;
    private readonly Lock _lock = new();
    private ITimer? _timer; // guarded by _lock, as is _isDisposed
    private bool _isDisposed;
    private long _started; // written before the timer exists

    public StopCountdown(DataflowGraph graph, TimeSpan? grace, Talk talk, StopSignals signals)
    {
        _grace = grace ?? graph.Nodes.Select(n => n.Health.StopGrace).DefaultIfEmpty(TimeSpan.Zero).Max();
        _talk = talk;
        _onStop = signals.Stop.Register(Start);
        _onForce = signals.Force.Register(() => _talk.Line("ending at once"));
    }

    public void Dispose()
    {
        _onStop.Dispose();
        _onForce.Dispose();
        lock (_lock)
        {
            _isDisposed = true;
            _timer?.Dispose();
        }

        _talk.Status(null);
    }

    private void Start()
    {
        _started = TimeProvider.System.GetTimestamp();
        if (!_talk.HasStatus)
        {
            _talk.Line($"stopping: nodes have {Words.Duration(_grace)} to end; once more ends them at once");
            return;
        }

        lock (_lock)
        {
            if (!_isDisposed)
                _timer = TimeProvider.System.CreateTimer(_ => Show(), null, TimeSpan.Zero, TimeSpan.FromSeconds(1));
        }
    }

    private void Show()
    {
        var left = _grace - TimeProvider.System.GetElapsedTime(_started);
        _talk.Status(left > TimeSpan.Zero
            ? $"stopping: nodes have {Math.Ceiling(left.TotalSeconds):0} s to end; Ctrl-C again ends them at once"
            : "stopping: nodes that are still there get SIGTERM, then SIGKILL; Ctrl-C again ends them at once");
    }
}
