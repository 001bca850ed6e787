// SPDX-License-Identifier: Apache-2.0

using System.Runtime.InteropServices;
using Dora.Platform.Memory;

namespace Dora.Platform.Synchronization;

/// <summary>Sleeping on a 32-bit word of memory that processes share (futex(2), without the private flag).</summary>
public static unsafe partial class Futex
{
    private const int FUTEX_WAIT = 0;
    private const int FUTEX_WAKE = 1;

    private static readonly long SYS_futex = RuntimeInformation.ProcessArchitecture switch
    {
        Architecture.X64 => 202,
        _ => 98, // the generic table: arm64, riscv64, loongarch64
    };

    /// <summary>Sleeps while the word holds <paramref name="expected"/>, until a wake-up, a signal or the time-out.</summary>
    /// <param name="word">A 4-byte aligned address in a mapping that stays mapped for the whole call.</param>
    /// <param name="expected">Value at which it is right to sleep; checked by the kernel under its lock.</param>
    /// <param name="timeout">Relative, on the monotonic clock; less than or equal to zero returns at once.</param>
    /// <returns>False on time-out. True otherwise, also for no reason at all: recheck what you wait for.</returns>
    public static bool Wait(uint* word, uint expected, TimeSpan timeout)
    {
        if (timeout <= TimeSpan.Zero)
            return false;
        var relative = TimeSpec.From(timeout);
        if (syscall(SYS_futex, word, FUTEX_WAIT, expected, &relative, null, 0) == 0)
            return true;
        // EAGAIN: the word had changed. EINTR: a signal. Both mean "look again". Anything else would be a bug of ours or a
        // page that is gone; looking again is right there too, since every caller bounds its waits.
        return Marshal.GetLastPInvokeError() != Errno.ETIMEDOUT;
    }

    /// <summary>Whether a wait on shared memory really sleeps here: false where a sandbox forbids futex(2) or only pretends to have it.</summary>
    public static bool Works()
    {
        using var memory = MemFd.Create("dora-futex-probe", Environment.SystemPageSize);
        using var mapping = MemoryMapping.Map(memory, Environment.SystemPageSize, writable: true);
        for (var attempt = 0; attempt < 100; attempt++) // a signal may end a wait early, but not a hundred
        {
            if (!Wait((uint*)mapping.Address, expected: 0, TimeSpan.FromMilliseconds(1)))
                return true; // it timed out
        }

        return false;
    }

    /// <summary>Wakes up to <paramref name="count"/> sleepers of a word. Never blocks.</summary>
    public static void Wake(uint* word, int count = int.MaxValue) =>
        syscall(SYS_futex, word, FUTEX_WAKE, (uint)count, null, null, 0);

    // glibc has no futex(); syscall() is variadic, which for integer arguments is the ordinary convention on Linux x64 and arm64.
    [LibraryImport("libc", SetLastError = true)]
    private static partial long syscall(long number, uint* word, int operation, uint value, TimeSpec* timeout, uint* word2, uint value3);
}
