// SPDX-License-Identifier: Apache-2.0

namespace Dora.Latency.Nodes;

/// <summary>A thread that allocates at a steady rate, as the rest of a busy program would.</summary>
internal sealed class Ballast : IDisposable
{
    private const int KeptMax = 2_000; // about 8 MB alive: the collector has something to mark and to move
    private static readonly int[] Sizes = [64, 256, 1_024, 4_096, 16_384];
    private readonly byte[][] _kept = new byte[KeptMax][];
    private readonly long _perMillisecond;
    private readonly Thread _thread;
    private volatile bool _ended;

    private Ballast(long bytesPerSecond)
    {
        _perMillisecond = bytesPerSecond / 1_000;
        _thread = new Thread(Allocate) { IsBackground = true, Name = "ballast" };
        _thread.Start();
    }

    /// <summary>Null if nothing shall be allocated.</summary>
    public static Ballast? Start(long bytesPerSecond) => bytesPerSecond == 0 ? null : new Ballast(bytesPerSecond);

    public void Dispose()
    {
        _ended = true;
        _thread.Join();
    }

    private void Allocate()
    {
        var next = Clock.Now;
        var n = 0;
        while (!_ended)
        {
            for (var left = _perMillisecond; left > 0; n++)
            {
                var size = Sizes[n % Sizes.Length];
                _kept[n % KeptMax] = new byte[size];
                left -= size;
            }

            next = Math.Max(next + 1_000_000, Clock.Now - 10_000_000); // after a long pause, do not catch up with all of it
            Clock.SleepUntil(next);
        }
    }
}
