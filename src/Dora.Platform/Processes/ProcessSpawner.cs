// SPDX-License-Identifier: Apache-2.0

using System.Collections;
using Dora.Platform.Files;
using Microsoft.Win32.SafeHandles;
using static Dora.Platform.Processes.SpawnCalls;

namespace Dora.Platform.Processes;

/// <summary>What to start, and what it sees.</summary>
public sealed record SpawnRequest
{
    /// <summary>Absolute path of the program.</summary>
    public required string Path { get; init; }

    /// <summary>argv, the program's own name included.</summary>
    public required IReadOnlyList<string> Arguments { get; init; }

    /// <summary>The whole environment; null: this process's own.</summary>
    public IReadOnlyCollection<KeyValuePair<string, string>>? Environment { get; init; }

    /// <summary>The child's descriptors by number; those from 0 to 2 that are not named become /dev/null.</summary>
    public IReadOnlyList<(int Number, SafeFileHandle Source)> Descriptors { get; init; } = [];

    /// <summary>Null: this process's own.</summary>
    public string? WorkingDirectory { get; init; }

    /// <summary>A session of its own: no terminal, no signals from one.</summary>
    public bool NewSession { get; init; }

    /// <summary>A process group of its own, named by its pid.</summary>
    public bool NewProcessGroup { get; init; }
}

/// <summary>Starts processes by posix_spawn: exact descriptors, default signal handling, nothing inherited by accident.</summary>
/// <remarks>
/// Threading: any thread. But a child that asks to die with its parent (PDEATHSIG) dies with the <em>thread</em> that spawned it.
/// </remarks>
public static unsafe class ProcessSpawner
{
    private const int SigSetBytes = 128;
    private const int ORdwr = 2;

    /// <summary>Starts the program and returns its pid, which is the caller's to reap (<see cref="ChildProcesses"/>).</summary>
    /// <exception cref="PlatformException">The reason why it did not start; execve's included. No child is left then.</exception>
    public static int Spawn(SpawnRequest request)
    {
        var attributes = stackalloc byte[OpaqueBytes];
        var actions = stackalloc byte[OpaqueBytes];
        // High copies first, so that giving a descriptor its number cannot overwrite another one that is still to be given.
        var copies = new List<SafeFileHandle>(request.Descriptors.Count);
        Check(posix_spawnattr_init(attributes), "posix_spawnattr_init");
        try
        {
            Check(posix_spawn_file_actions_init(actions), "posix_spawn_file_actions_init");
            try
            {
                SetAttributes(attributes, request);
                SetDescriptors(actions, request, copies);
                if (request.WorkingDirectory is { } folder)
                    Check(posix_spawn_file_actions_addchdir_np(actions, folder), "addchdir");

                using var argv = new NativeStrings(request.Arguments);
                using var envp = NativeStrings.OfEnvironment(request.Environment ?? OwnEnvironment());
                Check(posix_spawn(out var pid, request.Path, actions, attributes, argv.Pointer, envp.Pointer), $"start '{request.Path}'");
                return pid;
            }
            finally
            {
                _ = posix_spawn_file_actions_destroy(actions);
            }
        }
        finally
        {
            _ = posix_spawnattr_destroy(attributes);
            foreach (var copy in copies)
                copy.Dispose();
        }
    }

    private static void SetAttributes(byte* attributes, SpawnRequest request)
    {
        var flags = POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK;
        if (request.NewSession)
            flags |= POSIX_SPAWN_SETSID;
        else if (request.NewProcessGroup)
            flags |= POSIX_SPAWN_SETPGROUP; // a session leader leads its own group already, and setpgid would fail on it
        Check(posix_spawnattr_setflags(attributes, (short)flags), "posix_spawnattr_setflags");
        Check(posix_spawnattr_setpgroup(attributes, 0), "posix_spawnattr_setpgroup");

        var signals = stackalloc byte[SigSetBytes];
        new Span<byte>(signals, SigSetBytes).Clear();
        Check(posix_spawnattr_setsigmask(attributes, signals), "posix_spawnattr_setsigmask");
        new Span<byte>(signals, Signal.Max / 8).Fill(0xFF);
        signals[3] = 0x7F; // 32 to 34 are libc's own (thread cancellation, setuid, timers)
        signals[4] = 0xFC;
        Check(posix_spawnattr_setsigdefault(attributes, signals), "posix_spawnattr_setsigdefault");
    }

    private static void SetDescriptors(byte* actions, SpawnRequest request, List<SafeFileHandle> copies)
    {
        var first = Math.Max(3, request.Descriptors.Select(d => d.Number + 1).DefaultIfEmpty().Max());
        for (var number = 0; number < 3; number++)
        {
            if (request.Descriptors.All(d => d.Number != number))
                Check(posix_spawn_file_actions_addopen(actions, number, "/dev/null", ORdwr, 0), "addopen");
        }
        foreach (var (number, source) in request.Descriptors)
        {
            var copy = FileDescriptors.Duplicate(source, first);
            copies.Add(copy);
            Check(posix_spawn_file_actions_adddup2(actions, (int)copy.DangerousGetHandle(), number), "adddup2");
        }
        // Ours are all close-on-exec; this is for descriptors that a careless parent of ours left open. Not named: 3 to first - 1
        // may be holes in the numbering, which is why targets should be dense.
        Check(posix_spawn_file_actions_addclosefrom_np(actions, first), "addclosefrom");
    }

    private static List<KeyValuePair<string, string>> OwnEnvironment()
    {
        var own = new List<KeyValuePair<string, string>>();
        foreach (DictionaryEntry entry in System.Environment.GetEnvironmentVariables())
            own.Add(new((string)entry.Key, (string)entry.Value!));
        return own;
    }

    private static void Check(int errno, string operation)
    {
        if (errno != 0)
            throw new PlatformException(operation, errno);
    }
}
