// SPDX-License-Identifier: Apache-2.0

namespace Dora.Cli.Building;

/// <summary>What was built before, by the fingerprint of its sources: <c>~/.cache/dora</c>, or <c>$XDG_CACHE_HOME/dora</c>.</summary>
/// <remarks>
/// An entry is a folder that appears at once, by renaming, and never changes after; so a running node keeps its files while
/// another dora builds a newer version. Several processes may use one cache: they take turns at building.
/// </remarks>
internal sealed class BuildCache(string root)
{
    /// <summary>Versions of one program that are kept: going back to yesterday's should not build.</summary>
    private const int KeptVersions = 4;

    /// <summary>Absolute.</summary>
    public string Root { get; } = root;

    /// <summary>MSBuild's own files, kept so that the next build is incremental.</summary>
    public string WorkFolder => Path.Combine(Root, "work");

    private string Entries => Path.Combine(Root, "built");

    public static BuildCache Default()
    {
        var configured = Environment.GetEnvironmentVariable("XDG_CACHE_HOME");
        var home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        var parent = Path.IsPathRooted(configured) ? configured : Path.Combine(home.Length > 0 ? home : Path.GetTempPath(), ".cache");
        return new BuildCache(Path.Combine(parent, "dora"));
    }

    /// <summary>The folder of an entry, marked as used; null: not built yet.</summary>
    public string? Find(SourceProgram program, string fingerprint)
    {
        var folder = EntryFolder(program, fingerprint);
        if (!Directory.Exists(folder))
            return null;
        try
        {
            Directory.SetLastWriteTimeUtc(folder, TimeProvider.System.GetUtcNow().UtcDateTime);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // A read-only cache is as good; only its oldest entries are not known.
        }

        return folder;
    }

    /// <summary>Copies a build's result into the cache. Call under <see cref="LockAsync"/>.</summary>
    public string Store(SourceProgram program, string fingerprint, string resultFolder)
    {
        var folder = EntryFolder(program, fingerprint);
        var draft = $"{folder}.{Environment.ProcessId}";
        DeleteIfThere(draft);
        CopyFolder(resultFolder, draft);
        DeleteIfThere(folder);
        Directory.Move(draft, folder);
        Forget(program);
        return folder;
    }

    /// <summary>Waits until no other process builds; the lock ends with the process at the latest.</summary>
    /// <param name="onWait">Called once if there is something to wait for.</param>
    /// <param name="cancel">Ends the wait.</param>
    public async Task<IDisposable> LockAsync(Action onWait, CancellationToken cancel)
    {
        try
        {
            Directory.CreateDirectory(Root);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CliException($"cannot write to the build cache {Root}: {e.Message}", ExitCode.Failed, "set XDG_CACHE_HOME to a folder that is yours", e);
        }

        for (var attempt = 0; ; attempt++)
        {
            try
            {
                return new FileStream(Path.Combine(Root, "build.lock"), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException)
            {
                if (attempt == 0)
                    onWait();
                await Task.Delay(TimeSpan.FromMilliseconds(100), cancel);
            }
        }
    }

    private string EntryFolder(SourceProgram program, string fingerprint) => Path.Combine(Entries, $"{EntryName(program)}-{fingerprint}");

    private static string EntryName(SourceProgram program) => $"{program.Name}-{PathId.Of(program.Path)}";

    /// <summary>Deletes all but the last used versions of one program.</summary>
    private void Forget(SourceProgram program)
    {
        foreach (var old in new DirectoryInfo(Entries).EnumerateDirectories(EntryName(program) + "-*").OrderByDescending(d => d.LastWriteTimeUtc).Skip(KeptVersions))
            DeleteIfThere(old.FullName);
    }

    private static void DeleteIfThere(string folder)
    {
        if (Directory.Exists(folder))
            Directory.Delete(folder, recursive: true);
    }

    private static void CopyFolder(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (var file in Directory.EnumerateFiles(from))
            File.Copy(file, Path.Combine(to, Path.GetFileName(file)));
        foreach (var folder in Directory.EnumerateDirectories(from))
            CopyFolder(folder, Path.Combine(to, Path.GetFileName(folder)));
    }
}
