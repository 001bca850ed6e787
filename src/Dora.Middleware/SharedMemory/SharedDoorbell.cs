// SPDX-License-Identifier: Apache-2.0

using System.Runtime.InteropServices;
using Dora.SharedMemory;

namespace Dora.Middleware;

/// <summary>A node's own doorbell, which publishers in other processes ring too.</summary>
/// <param name="memory">The doorbell's memory; may be closed afterwards.</param>
/// <exception cref="SharedMemoryFormatException">Not a sound doorbell.</exception>
public sealed class SharedDoorbell(SafeHandle memory) : Doorbell
{
    // Spinning up to 20 µs pays while messages are that dense: 22 → 0.1 µs ping-pong. When they are not, it only burns a core that
    // the sender may need. An average over about eight waits decides; a vain spin counts with its full wait, so one sparse phase turns it off.
    private const long SpinMaxNs = 20_000;
    private const long LearnMaxNs = 200_000;

    private static readonly bool CanSpin = Environment.ProcessorCount > 1;

    private readonly MappedDoorbell _doorbell = MappedDoorbell.Map(memory);
    private long _averageNs = LearnMaxNs; // waiting thread

    /// <inheritdoc/>
    internal override long SpinNs => CanSpin && _averageNs < SpinMaxNs ? SpinMaxNs : 0;

    /// <inheritdoc/>
    public override void Ring() => _doorbell.Ring();

    /// <inheritdoc/>
    public override uint Prepare() => _doorbell.Prepare();

    /// <inheritdoc/>
    public override bool Wait(uint ticket, TimeSpan timeout) => _doorbell.Wait(ticket, timeout < SleepMax ? timeout : SleepMax);

    /// <inheritdoc/>
    public override void Cancel() => _doorbell.Cancel();

    /// <inheritdoc/>
    internal override void Learn(long waitedNs) => _averageNs += (Math.Min(waitedNs, LearnMaxNs) - _averageNs) / 8;

    /// <inheritdoc/>
    protected override void Dispose(bool disposing) => _doorbell.Dispose();
}
