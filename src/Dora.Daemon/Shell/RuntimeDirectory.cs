// SPDX-License-Identifier: Apache-2.0

using Dora.Daemon.Launching;
using Dora.Platform;
using Dora.Platform.Files;
using Dora.Platform.Processes;
using Dora.Platform.Sockets;
using Dora.Protocol;

namespace Dora.Daemon.Shell;

/// <summary>No usable place for sockets: the message says why and what to do.</summary>
public sealed class RuntimeDirectoryException(string message, Exception? inner = null) : DoraException(message, inner);

/// <summary>The folder of one run, for its socket: <c>$XDG_RUNTIME_DIR</c> or <c>/tmp</c>, then <c>dora-&lt;uid&gt;/&lt;dataflow id&gt;/</c>, mode 0700.</summary>
/// <remarks>
/// <para>The file <c>lock</c> in it is locked by the kernel as long as the daemon lives and says who that is. A folder whose lock can be
/// taken belongs to a dead run and is swept by the next one, with the processes that are left of it. A new folder gets its name only after it is locked.</para>
/// <para>Ownership: disposing removes the folder. Threading: any.</para>
/// </remarks>
public sealed class RuntimeDirectory : IDisposable
{
    private const string LockName = "lock";
    private const string NewPrefix = ".new-";
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private const int AttemptsMax = 1000; // each lost one means that another run ended just then
    private static readonly TimeSpan NewFolderPatience = TimeSpan.FromHours(1); // between making and naming lie milliseconds

    private readonly LockFile _lock;

    private RuntimeDirectory(string path, LockFile lockFile)
    {
        Path = path;
        _lock = lockFile;
    }

    /// <summary>Absolute.</summary>
    public string Path { get; }

    /// <summary>Where the daemon listens.</summary>
    public string SocketPath => SocketPathIn(Path);

    /// <summary>Makes the folder of a run, after sweeping those of dead runs.</summary>
    /// <param name="dataflow">The run.</param>
    /// <param name="baseDirectory">Null: <c>$XDG_RUNTIME_DIR</c> if it is ours and short enough, else <c>/tmp</c>.</param>
    /// <exception cref="RuntimeDirectoryException">Somebody else owns the place, or it can't be written.</exception>
    public static RuntimeDirectory Create(DataflowId dataflow, string? baseDirectory = null)
    {
        var folder = UserFolder(baseDirectory ?? ChooseBase(dataflow));
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return Create(folder, dataflow);
            }
            catch (Exception e) when (e is DirectoryNotFoundException or FileNotFoundException && attempt < AttemptsMax)
            {
                // The run that ended last removed the user's folder while we were on our way into it.
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw new RuntimeDirectoryException(
                    $"'{folder}' can't be used for sockets: {e.Message}; set XDG_RUNTIME_DIR to a folder of your own", e);
            }
        }
    }

    /// <summary>The runs of this user that are alive, by folder.</summary>
    public static IReadOnlyList<(string Path, RunOwner Owner)> List(string? baseDirectory = null)
    {
        var folder = UserFolder(baseDirectory ?? ChooseBase(new DataflowId(Guid.Empty)));
        if (!Directory.Exists(folder))
            return [];
        return
        [
            .. from path in Directory.EnumerateDirectories(folder)
               let owner = RunOwner.TryReadFrom(System.IO.Path.Combine(path, LockName))
               where owner is not null && owner.IsAlive()
               select (path, owner),
        ];
    }

    /// <summary>Removes the folder with all that is in it, and the user's folder with the last run in it.</summary>
    public void Dispose()
    {
        TryDelete(Path);
        _lock.Dispose();
        TryRemoveUserFolder(Path);
    }

    /// <summary>Removes the folder that all runs of this user share if no other run is in it.</summary>
    /// <param name="runFolder">Folder of a run that is over; where it does not lie in such a folder, nothing happens.</param>
    internal static void TryRemoveUserFolder(string runFolder)
    {
        if (System.IO.Path.GetDirectoryName(runFolder) is not { } folder || System.IO.Path.GetFileName(folder) != UserFolderName)
            return;
        try
        {
            Directory.Delete(folder); // fails if it is not empty: that is the whole check, so there is no race
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // In use, or gone.
        }
    }

    private static string UserFolderName => $"dora-{ProcessControl.UserId}";

    private static string UserFolder(string baseDirectory) => System.IO.Path.Combine(baseDirectory, UserFolderName);

    private static string SocketPathIn(string folder) => System.IO.Path.Combine(folder, "daemon.sock");

    private static string ChooseBase(DataflowId dataflow)
    {
        const string fallback = "/tmp";
        if (Environment.GetEnvironmentVariable("XDG_RUNTIME_DIR") is not { Length: > 0 } chosen || !System.IO.Path.IsPathRooted(chosen))
            return fallback;
        var socket = SocketPathIn(System.IO.Path.Combine(UserFolder(chosen), dataflow.ToString()));
        if (System.Text.Encoding.UTF8.GetByteCount(socket) > UnixSocket.MaxPathBytes)
            return fallback;
        try
        {
            return FileStatus.TryRead(chosen) is { IsFolder: true } status && status.UserId == ProcessControl.UserId ? chosen : fallback;
        }
        catch (PlatformException)
        {
            return fallback; // left over from another user, as after su
        }
    }

    /// <exception cref="DirectoryNotFoundException">The user's folder went away meanwhile: try again.</exception>
    private static RuntimeDirectory Create(string folder, DataflowId dataflow)
    {
        EnsureOwn(folder);
        Sweep(folder);
        var directory = CreateLocked(folder, dataflow);
        try
        {
            EnsureOwn(folder); // it may have been made anew, with default permissions or by somebody else; with us in it, it stays
            return directory;
        }
        catch
        {
            directory.Dispose();
            throw;
        }
    }

    private static void EnsureOwn(string folder)
    {
        if (FileStatus.TryRead(folder) is null)
            Make(folder);
        var status = FileStatus.TryRead(folder) ?? throw new DirectoryNotFoundException($"'{folder}' vanished while it was being made");
        if (!status.IsFolder)
        {
            throw new RuntimeDirectoryException(
                $"'{folder}' is not a folder (a symbolic link is not followed here); remove it, or set XDG_RUNTIME_DIR to a folder of your own");
        }
        if (status.UserId != ProcessControl.UserId)
        {
            throw new RuntimeDirectoryException(
                $"'{folder}' belongs to user {status.UserId}, you are {ProcessControl.UserId}; have it removed, or set XDG_RUNTIME_DIR to a folder of your own");
        }
        if (status.IsOpenToOthers)
            File.SetUnixFileMode(folder, OwnerOnly);
    }

    private static void Make(string folder)
    {
        try
        {
            Directory.CreateDirectory(folder, OwnerOnly);
        }
        catch (IOException) when (FileStatus.TryRead(folder) is null or { IsFolder: true })
        {
            // .NET says that a file is in the way when another run made the folder and removed it again meanwhile: the caller looks again.
        }
    }

    private static RuntimeDirectory CreateLocked(string folder, DataflowId dataflow)
    {
        var path = System.IO.Path.Combine(folder, dataflow.ToString());
        var fresh = System.IO.Path.Combine(folder, NewPrefix + dataflow);
        if (FileStatus.TryRead(path) is not null)
        {
            var owner = RunOwner.TryReadFrom(System.IO.Path.Combine(path, LockName));
            throw new RuntimeDirectoryException(
                $"dataflow {dataflow} runs already{(owner is null ? "" : $": process {owner.Pid}, {owner.Command}")}");
        }
        Directory.CreateDirectory(fresh, OwnerOnly);
        LockFile? lockFile = null;
        try
        {
            lockFile = LockFile.TryTake(System.IO.Path.Combine(fresh, LockName), create: true, out _)
                ?? throw new RuntimeDirectoryException($"dataflow {dataflow} is being started by another process");
            RunOwner.Current().WriteTo(lockFile);
            Directory.Move(fresh, path);
            return new RuntimeDirectory(path, lockFile);
        }
        catch
        {
            lockFile?.Dispose();
            TryDelete(fresh);
            throw;
        }
    }

    private static void Sweep(string folder)
    {
        foreach (var path in Directory.EnumerateDirectories(folder))
        {
            var name = System.IO.Path.GetFileName(path);
            var isNew = name.StartsWith(NewPrefix, StringComparison.Ordinal);
            if (!Guid.TryParse(isNew ? name[NewPrefix.Length..] : name, out var id))
                continue; // not made by us
            if (isNew && File.GetLastWriteTimeUtc(path) > TimeProvider.System.GetUtcNow().UtcDateTime - NewFolderPatience)
                continue;
            if (!IsStale(path))
                continue;
            if (!isNew)
                Leftovers.KillRun(new DataflowId(id)); // before the folder goes, which is what is known of that run
            TryDelete(path);
        }
    }

    private static bool IsStale(string path)
    {
        var lockPath = System.IO.Path.Combine(path, LockName);
        try
        {
            using var taken = LockFile.TryTake(lockPath, create: false, out var isMissing);
            // A lock that can be taken is the proof; a living owner beside it means a file system that does not lock.
            return isMissing || (taken is not null && RunOwner.TryReadFrom(lockPath)?.IsAlive() != true);
        }
        catch (PlatformException)
        {
            return false; // not to be judged, not to be touched
        }
    }

    private static void TryDelete(string path)
    {
        try
        {
            Directory.Delete(path, recursive: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Gone already, or somebody else's; the next run tries again.
        }
    }
}
