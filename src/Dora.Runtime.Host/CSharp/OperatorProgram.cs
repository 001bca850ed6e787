// SPDX-License-Identifier: Apache-2.0

using System.Reflection;

namespace Dora.Runtime.Host.CSharp;

/// <summary>An operator's assemblies in memory, shared by all operators that are made of the same files.</summary>
/// <remarks>
/// <para>A load context of its own for each of thousands of operators would cost 80 KB and eight mappings each, of which Linux gives a process 65,530.
/// So static fields are common to the operators of one program; their instances are not.</para>
/// <para>Ownership: counted; who took it releases it, and the last release unloads it. Threads: any.</para>
/// </remarks>
internal sealed class OperatorProgram
{
    private static readonly Lock s_lock = new();
    private static readonly Dictionary<(string Path, long Stamp), OperatorProgram> s_loaded = []; // under the lock

    private readonly (string Path, long Stamp) _key;
    private int _users = 1; // under the lock

    private OperatorProgram((string Path, long Stamp) key)
    {
        _key = key;
        Context = new OperatorLoadContext(key.Path);
    }

    public OperatorLoadContext Context { get; }

    public Assembly Assembly { get; private set; } = null!;

    /// <summary>The program as the files are now: one that is loaded already, if they have not changed since.</summary>
    /// <param name="path">Of the operator's assembly, absolute.</param>
    public static OperatorProgram Take(string path)
    {
        var key = (path, StampOf(path));
        lock (s_lock)
        {
            if (s_loaded.TryGetValue(key, out var known))
            {
                known._users++;
                return known;
            }

            var program = new OperatorProgram(key);
            try
            {
                program.Assembly = program.Context.LoadOperator();
            }
            catch
            {
                program.Context.Unload();
                throw;
            }

            s_loaded.Add(key, program);
            return program;
        }
    }

    /// <summary>Its taker needs it no more.</summary>
    public void Release()
    {
        lock (s_lock)
        {
            if (--_users > 0)
            {
                return;
            }

            s_loaded.Remove(_key);
        }

        Context.Unload();
    }

    // Of all that the program may be made of, not of its own file alone: a library beside it may be what has changed.
    private static long StampOf(string path)
    {
        var stamp = new HashCode();
        foreach (var file in new DirectoryInfo(Path.GetDirectoryName(path)!).EnumerateFiles().OrderBy(f => f.Name, StringComparer.Ordinal))
        {
            if (file.Extension is ".dll" or ".json" or ".so")
            {
                stamp.Add(file.Name);
                stamp.Add(file.LastWriteTimeUtc.Ticks);
                stamp.Add(file.Length);
            }
        }

        return stamp.ToHashCode();
    }
}
