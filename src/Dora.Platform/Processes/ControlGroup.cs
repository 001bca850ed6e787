// SPDX-License-Identifier: Apache-2.0

using System.Globalization;

namespace Dora.Platform.Processes;

/// <summary>The control group, of version 1 or 2, that bounds a resource of this process.</summary>
/// <remarks>All is best effort: what can't be read is null. Threading: any; nothing is kept but paths.</remarks>
public sealed class ControlGroup
{
    // Version 1 says "no limit" by a number near 2^63, rounded to pages.
    private const long NoLimitV1 = 1L << 60;

    private readonly string _folder;
    private readonly string _mount;
    private readonly bool _isV1;

    private ControlGroup(string folder, string mount, bool isV1)
    {
        _folder = folder;
        _mount = mount;
        _isV1 = isV1;
    }

    /// <summary>The group that bounds the memory of this process; null: there is none, or it can't be seen.</summary>
    public static ControlGroup? TryFindMemory() => TryFind("memory", "/");

    /// <summary>The group that bounds the number of processes and threads; null: there is none, or it can't be seen.</summary>
    public static ControlGroup? TryFindTasks() => TryFind("pids", "/");

    /// <summary>Memory: processes of the group that the kernel has killed for want of it, the group's or the machine's.</summary>
    public long? OomKills() => ReadWord(Path.Combine(_folder, _isV1 ? "memory.oom_control" : "memory.events"), "oom_kill");

    /// <summary>Memory: the smallest limit that holds for the group, its own or one above it; null: none.</summary>
    public long? LimitBytes() => Least(_isV1 ? "memory.limit_in_bytes" : "memory.max");

    /// <summary>Tasks: the smallest limit on processes and threads that holds for the group; null: none.</summary>
    public long? LimitTasks() => Least("pids.max");

    /// <summary>Processes that the kernel has killed for want of memory on the whole machine.</summary>
    public static long? OomKillsOfMachine() => ReadWord("/proc/vmstat", "oom_kill");

    /// <param name="controller"><c>memory</c>, <c>pids</c>.</param>
    /// <param name="root">Stands for <c>/</c>: tests have one of their own.</param>
    internal static ControlGroup? TryFind(string controller, string root)
    {
        var groups = TryRead(Path.Combine(root, "proc/self/cgroup"))?.Split('\n', StringSplitOptions.RemoveEmptyEntries) ?? [];
        var mounts = TryRead(Path.Combine(root, "proc/self/mountinfo"))?.Split('\n', StringSplitOptions.RemoveEmptyEntries) ?? [];
        // Where both versions are mounted, a controller belongs to one of them: to version 1 if that lists it.
        return Find(controller, root, groups, mounts, isV1: true) ?? Find(controller, root, groups, mounts, isV1: false);
    }

    private long? Least(string file)
    {
        long? least = null;
        for (var folder = _folder; folder.Length >= _mount.Length; folder = Path.GetDirectoryName(folder) ?? "")
        {
            var text = TryRead(Path.Combine(folder, file))?.Trim();
            if (long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var bytes) && bytes < NoLimitV1)
                least = Math.Min(least ?? long.MaxValue, bytes);
        }

        return least;
    }

    private static ControlGroup? Find(string controller, string root, string[] groups, string[] mounts, bool isV1)
    {
        // "4:memory:/path" or "0::/path"
        var path = groups.Select(line => line.Split(':', 3))
            .FirstOrDefault(parts => parts.Length == 3 && (isV1 ? parts[1].Split(',').Contains(controller) : parts[0] == "0"))?[2];
        if (path is null)
            return null;
        foreach (var line in mounts)
        {
            // "35 31 0:32 ROOT MOUNTPOINT options … - TYPE SOURCE SUPEROPTIONS"
            if (line.Split(' ') is not [_, _, _, var top, var point, ..] fields || Array.IndexOf(fields, "-") is not (> 0 and var dash) || dash + 3 >= fields.Length)
                continue;
            var fits = isV1 ? fields[dash + 1] == "cgroup" && fields[dash + 3].Split(',').Contains(controller) : fields[dash + 1] == "cgroup2";
            if (!fits)
                continue;
            var mount = Path.Combine(root, point.TrimStart('/'));
            var below = top != "/" && path.StartsWith(top, StringComparison.Ordinal) ? path[top.Length..] : path;
            var folder = Path.Combine(mount, below.TrimStart('/')).TrimEnd('/');
            // In a container the path may be the host's: then the mount point is the group.
            return new ControlGroup(Directory.Exists(folder) ? folder : mount, mount, isV1);
        }

        return null;
    }

    private static long? ReadWord(string file, string name)
    {
        foreach (var line in TryRead(file)?.Split('\n') ?? [])
        {
            if (line.Split(' ') is [var key, var value] && key == name
                && long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            {
                return number;
            }
        }

        return null;
    }

    private static string? TryRead(string file)
    {
        try
        {
            return File.ReadAllText(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
