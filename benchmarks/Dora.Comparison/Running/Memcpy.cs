// SPDX-License-Identifier: Apache-2.0

using System.Diagnostics;
using System.Globalization;

namespace Dora.Comparison.Running;

/// <summary>How fast this machine copies warm memory: the bound of every transport that copies once.</summary>
internal static class Memcpy
{
    /// <summary>Prints the JSON line of a run with the peers' options <c>--size</c> and <c>--messages</c>.</summary>
    public static void Run(ReadOnlySpan<string> arguments)
    {
        int sizeBytes = 4 << 20, messages = 1000;
        for (int i = 0; i + 1 < arguments.Length; i += 2)
        {
            if (arguments[i] == "--size")
                sizeBytes = int.Parse(arguments[i + 1], CultureInfo.InvariantCulture);
            else if (arguments[i] == "--messages")
                messages = int.Parse(arguments[i + 1], CultureInfo.InvariantCulture);
        }

        var source = new byte[sizeBytes];
        var target = new byte[sizeBytes];
        new Random(1).NextBytes(source);
        source.CopyTo(target.AsSpan()); // faults both in
        long started = Stopwatch.GetTimestamp();
        for (int i = 0; i < messages; i++)
            source.CopyTo(target.AsSpan());

        double seconds = Stopwatch.GetElapsedTime(started).TotalSeconds;
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $$"""{"peer":"memcpy","case":"throughput","size":{{sizeBytes}},"fan":1,"wait":"none","fill":"write","messages":{{messages}},"msgs_per_s":{{messages / seconds:F1}},"gb_per_s":{{(double)messages * sizeBytes / seconds / 1e9:F3}}}"""));
    }
}
