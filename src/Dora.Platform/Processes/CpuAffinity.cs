// SPDX-License-Identifier: Apache-2.0

using System.Runtime.InteropServices;

namespace Dora.Platform.Processes;

/// <summary>Which CPUs the calling thread may run on. Threads and programs that it starts inherit it.</summary>
public static partial class CpuAffinity
{
    /// <summary>CPUs with a higher index are refused as a mistake.</summary>
    public const int MaxCpus = 8192;

    /// <summary>Restricts the calling thread.</summary>
    /// <param name="cpus">Indices of CPUs; at least one of them must be usable.</param>
    /// <exception cref="PlatformException">EINVAL: none of them exists or is allowed here.</exception>
    public static void Set(IEnumerable<int> cpus)
    {
        var mask = new byte[MaxCpus / 8];
        foreach (var cpu in cpus)
        {
            if ((uint)cpu >= MaxCpus)
                throw new PlatformException($"sched_setaffinity: CPU {cpu}", Errno.EINVAL);
            mask[cpu / 8] |= (byte)(1 << (cpu % 8));
        }
        if (sched_setaffinity(0, (nuint)mask.Length, mask) != 0)
            throw PlatformException.FromLastError("sched_setaffinity");
    }

    /// <summary>The CPUs that the calling thread may run on.</summary>
    public static IReadOnlyList<int> Get()
    {
        var mask = new byte[MaxCpus / 8];
        if (sched_getaffinity(0, (nuint)mask.Length, mask) != 0)
            throw PlatformException.FromLastError("sched_getaffinity");
        return [.. Enumerable.Range(0, MaxCpus).Where(cpu => (mask[cpu / 8] & (1 << (cpu % 8))) != 0)];
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int sched_setaffinity(int pid, nuint length, ReadOnlySpan<byte> mask);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int sched_getaffinity(int pid, nuint length, Span<byte> mask);
}
