// SPDX-License-Identifier: Apache-2.0

using System.Runtime.InteropServices;

namespace Dora.Platform.Synchronization;

/// <summary>Wakes one waiting thread of this process by a futex: no lock that a thread of low priority could hold meanwhile, and no allocation.</summary>
/// <remarks>
/// <para>Threads: one waits; any may set. A set that finds nobody waiting is remembered once.</para>
/// <para>Waits and sets that come after <see cref="Dispose"/> return at once.</para>
/// </remarks>
public sealed unsafe class WakeEvent : IDisposable
{
    private static readonly TimeSpan WaitMax = TimeSpan.FromSeconds(1); // a wake-up that a sandbox swallows costs that, and nothing else

    private readonly uint* _word; // 0: nothing; 1: set; 2: somebody sleeps. Its memory is never given back while the object lives
    private volatile bool _isDisposed;

    public WakeEvent() => _word = (uint*)NativeMemory.AllocZeroed(64); // a cache line, so that neighbours do not share it

    ~WakeEvent() => NativeMemory.Free(_word);

    /// <summary>Ends the wait that runs, or the next one. Costs a system call only if somebody sleeps.</summary>
    public void Set()
    {
        // SAFETY (all of this type): the word lives as long as this object, and KeepAlive keeps it through the call.
        if (!_isDisposed && Interlocked.Exchange(ref *_word, 1) == 2)
        {
            Futex.Wake(_word, 1);
        }

        GC.KeepAlive(this);
    }

    /// <summary>Waits until somebody sets, or for so long; may also return for no reason at all.</summary>
    /// <param name="timeout">Negative: no limit.</param>
    public void Wait(TimeSpan timeout)
    {
        if (Interlocked.Exchange(ref *_word, 2) == 0 && !_isDisposed)
        {
            Futex.Wait(_word, 2, timeout < TimeSpan.Zero || timeout > WaitMax ? WaitMax : timeout);
        }

        Interlocked.Exchange(ref *_word, 0);
        GC.KeepAlive(this);
    }

    /// <summary>Wakes whoever waits; nobody sleeps here any more.</summary>
    public void Dispose()
    {
        _isDisposed = true;
        Interlocked.Exchange(ref *_word, 1);
        Futex.Wake(_word);
        GC.KeepAlive(this);
    }
}
