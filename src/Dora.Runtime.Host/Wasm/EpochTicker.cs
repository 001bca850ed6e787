// SPDX-License-Identifier: Apache-2.0

using System.Diagnostics.CodeAnalysis;
using Wasmtime;

namespace Dora.Runtime.Host.Wasm;

/// <summary>Moves an engine's epoch while a module runs, so that one that does not return is interrupted.</summary>
/// <remarks>
/// <para>Ticks, not a clock: when the whole machine stands still, so does this thread, and nobody is interrupted for it.</para>
/// <para>While no module runs the thread sleeps without ticking. Threads: any may enter and leave.</para>
/// </remarks>
[SuppressMessage("Design", "CA1001", Justification = "Lives as long as the process.")]
internal sealed class EpochTicker
{
    private const int TickMs = 10;
    private const int IdleTicksMax = 100; // a second without a call: no more ticks until the next

    private readonly Engine _engine;
    private readonly AutoResetEvent _wake = new(false);
    private int _inside;             // calls that run now; interlocked
    private volatile bool _isParked; // written by the ticker

    public EpochTicker(Engine engine)
    {
        _engine = engine;
        new Thread(Run) { IsBackground = true, Name = "dora wasm ticks" }.Start();
    }

    /// <summary>Ticks for a time limit; at least that long.</summary>
    public static ulong TicksOf(TimeSpan limit) => (ulong)Math.Ceiling(limit.TotalMilliseconds / TickMs) + 1;

    /// <summary>A module is about to run. Every call is followed by <see cref="Leave"/>.</summary>
    public void Enter()
    {
        Interlocked.Increment(ref _inside); // a full fence: either the ticker sees this, or this sees that it is parked
        if (_isParked)
            _wake.Set();
    }

    public void Leave() => Interlocked.Decrement(ref _inside);

    private void Run()
    {
        for (var idle = 0; ;)
        {
            _wake.WaitOne(TickMs);
            _engine.IncrementEpoch();
            idle = Volatile.Read(ref _inside) == 0 ? idle + 1 : 0;
            if (idle < IdleTicksMax)
                continue;
            _isParked = true;
            Interlocked.MemoryBarrier();
            if (Volatile.Read(ref _inside) == 0)
                _wake.WaitOne();
            _isParked = false;
            idle = 0;
        }
    }
}
