// SPDX-License-Identifier: Apache-2.0

using System.Globalization;

namespace Dora.Platform.Memory;

/// <summary>How much memory can be reserved without waking the kernel's OOM killer, which does not refuse but kill.</summary>
/// <remarks>An anonymous memfd has no size limit of its own: <c>fallocate</c> goes on until the machine, or the process's control group, is
/// full. So whoever reserves much asks here first. An estimate, not a promise: others allocate too.</remarks>
public static class AvailableMemory
{
    private const string ControlGroups = "/sys/fs/cgroup";

    /// <summary>Bytes available to this process: the machine's, or what its memory control group has left, whichever is less.</summary>
    /// <remarks>Reads a few files: about 100 µs. Where the system does not say, <see cref="long.MaxValue"/>.</remarks>
    public static long Bytes => Tightest().BytesLeft;

    /// <summary>What leaves the least: the machine, or one of this process's control groups.</summary>
    /// <returns>The bytes left, and the name and size of the limit with what to do about it, for people: "… (how to raise it)".</returns>
    public static (long BytesLeft, string Limit) Tightest()
    {
        var left = ParseMemInfo(Read("/proc/meminfo"));
        var limit = "the memory of this machine (end other programs, or add memory)";
        foreach (var group in GroupFiles(Read("/proc/self/cgroup")))
        {
            // "max" (version 2) and absurdly large numbers (version 1) both mean: no limit.
            if (!TryParse(Read(group.Limit), out var bytesMax) || !TryParse(Read(group.Usage), out var bytesUsed))
                continue;
            var leftInGroup = Math.Max(0, bytesMax - bytesUsed + ParseFileCache(Read(group.Statistics)));
            if (leftInGroup >= left)
                continue;
            left = leftInGroup;
            limit = string.Create(
                CultureInfo.InvariantCulture, $"the control group's limit of {bytesMax} bytes (raise {group.Limit}, or the memory limit of the container or service)");
        }

        return (left, limit);
    }

    /// <summary><c>MemAvailable</c> of <c>/proc/meminfo</c>, in bytes.</summary>
    internal static long ParseMemInfo(string text)
    {
        const string Key = "MemAvailable:";
        foreach (var line in text.AsSpan().EnumerateLines())
        {
            if (line.StartsWith(Key) && line.EndsWith("kB")
                && long.TryParse(line[Key.Length..^2], NumberStyles.Integer, CultureInfo.InvariantCulture, out var kibibytes))
                return kibibytes * 1024;
        }

        return long.MaxValue;
    }

    /// <summary>Bytes of file cache in a group's <c>memory.stat</c>: they count as used but give way. Shared memory is not among them.</summary>
    internal static long ParseFileCache(string text)
    {
        var bytes = 0L;
        foreach (var line in text.Split('\n'))
        {
            if (line.Split(' ') is ["inactive_file" or "active_file", var value] && TryParse(value, out var count))
                bytes += count;
        }

        return bytes;
    }

    /// <summary>The files of the memory groups that a <c>/proc/PID/cgroup</c> names.</summary>
    internal static IEnumerable<(string Limit, string Usage, string Statistics)> GroupFiles(string text)
    {
        foreach (var line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            if (line.Split(':', 3) is not [_, var controllers, var path])
                continue;
            path = path.TrimEnd('/');
            if (controllers.Length == 0)
                yield return Files($"{ControlGroups}{path}", "memory.max", "memory.current");
            else if (controllers.Split(',').Contains("memory"))
                yield return Files($"{ControlGroups}/memory{path}", "memory.limit_in_bytes", "memory.usage_in_bytes");
        }
    }

    private static (string Limit, string Usage, string Statistics) Files(string folder, string limit, string usage) =>
        ($"{folder}/{limit}", $"{folder}/{usage}", $"{folder}/memory.stat");

    private static bool TryParse(string text, out long value) =>
        long.TryParse(text, NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out value);

    private static string Read(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }
}
