// SPDX-License-Identifier: Apache-2.0

using System.Globalization;

namespace Dora.Platform.Processes;

/// <summary>What /proc/&lt;pid&gt;/stat says about a process at one moment.</summary>
/// <param name="Pid">Its id.</param>
/// <param name="State"><c>R</c>, <c>S</c>, <c>D</c>, <c>T</c>, <c>Z</c> (ended, not reaped), …</param>
/// <param name="ParentPid">Its parent.</param>
/// <param name="GroupId">Its process group.</param>
/// <param name="SessionId">Its session.</param>
/// <param name="StartTimeTicks">Clock ticks since boot; with the pid and the boot id it names a process for ever.</param>
public readonly record struct ProcessStat(int Pid, char State, int ParentPid, int GroupId, int SessionId, ulong StartTimeTicks)
{
    /// <summary>Whether it has ended and merely waits to be reaped.</summary>
    public bool HasEnded => State is 'Z' or 'X';

    /// <summary>Id of this boot of the machine.</summary>
    public static string ReadBootId() => File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim();

    /// <summary>Reads one process. Null: there is none with this pid.</summary>
    public static ProcessStat? TryRead(int pid)
    {
        try
        {
            return Parse(File.ReadAllText($"/proc/{pid.ToString(CultureInfo.InvariantCulture)}/stat"));
        }
        catch (IOException) // not there, or gone while being read (ESRCH)
        {
            return null;
        }
        catch (UnauthorizedAccessException) // hidden from us, so not ours
        {
            return null;
        }
    }

    /// <summary>All processes that we can see.</summary>
    public static List<ProcessStat> ReadAll()
    {
        var all = new List<ProcessStat>();
        foreach (var folder in Directory.EnumerateDirectories("/proc"))
        {
            if (int.TryParse(Path.GetFileName(folder.AsSpan()), NumberStyles.None, CultureInfo.InvariantCulture, out var pid)
                && TryRead(pid) is { } stat)
            {
                all.Add(stat);
            }
        }
        return all;
    }

    /// <summary>Those below a process in the tree of parents, itself not included.</summary>
    public static List<ProcessStat> Descendants(int ancestorPid)
    {
        var byParent = ReadAll().ToLookup(stat => stat.ParentPid);
        var found = new List<ProcessStat>(byParent[ancestorPid]);
        for (var i = 0; i < found.Count; i++)
            found.AddRange(byParent[found[i].Pid]);
        return found;
    }

    internal static ProcessStat? Parse(string line)
    {
        // "pid (name) S ppid pgrp session ..."; the name may hold spaces and parentheses.
        var open = line.IndexOf('(', StringComparison.Ordinal);
        var close = line.LastIndexOf(')');
        if (open < 0 || close < open || close + 2 >= line.Length)
            return null;
        var fields = line[(close + 2)..].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        const int startTime = 22 - 3; // field 22 of proc(5), counted from field 3
        if (fields.Length <= startTime
            || !int.TryParse(line.AsSpan(0, open), NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out var pid)
            || !int.TryParse(fields[1], CultureInfo.InvariantCulture, out var parent)
            || !int.TryParse(fields[2], CultureInfo.InvariantCulture, out var group)
            || !int.TryParse(fields[3], CultureInfo.InvariantCulture, out var session)
            || !ulong.TryParse(fields[startTime], CultureInfo.InvariantCulture, out var start))
        {
            return null;
        }
        return new ProcessStat(pid, fields[0][0], parent, group, session, start);
    }
}
