// SPDX-License-Identifier: Apache-2.0

using System.Runtime.InteropServices;

namespace Dora.Cli.Running;

/// <summary>What Ctrl-C means: the first time an orderly stop, the second time an end at once. SIGTERM and SIGHUP count the same.</summary>
/// <remarks>Threading: signals come on threads of the runtime's; the tokens are cancelled there.</remarks>
internal sealed class StopSignals : IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly CancellationTokenSource _force = new();
    private readonly PosixSignalRegistration[] _registrations;
    private int _count; // by Interlocked: two signals may come at once

    public StopSignals() => _registrations =
        [.. new[] { PosixSignal.SIGINT, PosixSignal.SIGTERM, PosixSignal.SIGHUP }.Select(s => PosixSignalRegistration.Create(s, OnSignal))];

    /// <summary>An orderly stop is wanted.</summary>
    public CancellationToken Stop => _stop.Token;

    /// <summary>No more patience.</summary>
    public CancellationToken Force => _force.Token;

    public bool WasStopped => _stop.IsCancellationRequested;

    public void Dispose()
    {
        foreach (var registration in _registrations)
            registration.Dispose();
        // The sources live on: a signal may be on its way.
    }

    private void OnSignal(PosixSignalContext context)
    {
        context.Cancel = true; // we end when the nodes have ended
        (Interlocked.Increment(ref _count) == 1 ? _stop : _force).Cancel();
    }
}
