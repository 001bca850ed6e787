// SPDX-License-Identifier: Apache-2.0

using System.Runtime.InteropServices;

namespace Dora.Platform.Processes;

/// <summary>A soft and a hard limit; <see cref="ulong.MaxValue"/>: unlimited.</summary>
public readonly record struct LimitPair(ulong Soft, ulong Hard);

/// <summary>Resource limits of this process: getrlimit and setrlimit, by name.</summary>
public static unsafe partial class ResourceLimits
{
    // RLIMIT_* in the order of their numbers on x86-64 and arm64.
    private static readonly string[] Names =
    [
        "cpu", "fsize", "data", "stack", "core", "rss", "nproc", "nofile", "memlock", "as", "locks", "sigpending", "msgqueue", "nice",
        "rtprio", "rttime",
    ];

    /// <summary>All names, in lower case without <c>RLIMIT_</c>.</summary>
    public static IReadOnlyList<string> KnownNames => Names;

    /// <summary>Reads one limit.</summary>
    public static LimitPair Get(string name)
    {
        LimitPair pair;
        return getrlimit(NumberOf(name), &pair) == 0 ? pair : throw PlatformException.FromLastError($"getrlimit({name})");
    }

    /// <summary>Sets one limit; programs that are executed later inherit it.</summary>
    /// <exception cref="PlatformException">EPERM: a hard limit can only be lowered. EINVAL: soft above hard, or an unknown name.</exception>
    public static void Set(string name, LimitPair pair)
    {
        if (setrlimit(NumberOf(name), &pair) != 0)
            throw PlatformException.FromLastError($"setrlimit({name})");
    }

    private static int NumberOf(string name) => Array.IndexOf(Names, name) is >= 0 and var number
        ? number
        : throw new PlatformException($"there is no resource limit '{name}'", Errno.EINVAL);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int getrlimit(int resource, LimitPair* pair);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int setrlimit(int resource, LimitPair* pair);
}
