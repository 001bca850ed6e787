// SPDX-License-Identifier: Apache-2.0

using System.Runtime.InteropServices;
using Dora.SharedMemory;

namespace Dora.Middleware;

/// <summary>A node's own doorbell, which publishers in other processes ring too.</summary>
/// <param name="memory">The doorbell's memory; may be closed afterwards.</param>
/// <param name="policy">How its node waits.</param>
/// <exception cref="SharedMemoryFormatException">Not a sound doorbell.</exception>
public sealed class SharedDoorbell(SafeHandle memory, WaitPolicy policy) : Doorbell
{
    private readonly MappedDoorbell _doorbell = MappedDoorbell.Map(memory);

    /// <summary>A doorbell whose node waits as <see cref="WaitPolicy.Default"/> says.</summary>
    /// <inheritdoc cref="SharedDoorbell(SafeHandle, WaitPolicy)" path="/param|/exception"/>
    public SharedDoorbell(SafeHandle memory)
        : this(memory, WaitPolicy.Default)
    {
    }

    /// <inheritdoc/>
    internal override SpinBudget Spin { get; } = new(policy);

    /// <inheritdoc/>
    public override void Ring() => _doorbell.Ring();

    /// <inheritdoc/>
    public override uint Prepare() => _doorbell.Prepare();

    /// <inheritdoc/>
    public override bool Wait(uint ticket, TimeSpan timeout)
    {
        if (_doorbell.Wait(ticket, timeout < SleepMax ? timeout : SleepMax))
            return true;
        TimeOuts++;
        return false;
    }

    /// <inheritdoc/>
    public override int NoteWords => DoorbellLayout.PendingWords;

    /// <inheritdoc/>
    public override ulong ReadNotes(int word) => _doorbell.ReadPending(word);

    /// <inheritdoc/>
    public override void ClearNotes(int word, ulong bits) => _doorbell.ClearPending(word, bits);

    /// <summary>Notes what its node runs, so that the daemon can say it if the node dies of it. Costs a store.</summary>
    /// <param name="number">0: nothing in particular.</param>
    /// <param name="thread">Which of the node's threads, from 0.</param>
    public void NoteRunning(uint number, int thread = 0) => _doorbell.NoteRunning(number, thread);

    /// <inheritdoc/>
    public override void Cancel() => _doorbell.Cancel();

    /// <inheritdoc/>
    protected override void Dispose(bool disposing) => _doorbell.Dispose();
}
