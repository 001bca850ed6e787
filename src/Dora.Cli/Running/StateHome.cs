// SPDX-License-Identifier: Apache-2.0

using System.Security.Cryptography;
using System.Text;
using Dora.Platform;
using Dora.Platform.Files;

namespace Dora.Cli.Running;

/// <summary>What operators keep for the next run: <c>~/.local/state/dora/kept</c>, or below <c>$XDG_STATE_HOME</c>; a folder a dataflow, in it a folder a node.</summary>
internal sealed class StateHome(string root)
{
    private const string LockName = "lock";

    /// <summary>Absolute; need not exist.</summary>
    public string Root { get; } = root;

    public static StateHome Default()
    {
        var configured = Environment.GetEnvironmentVariable("XDG_STATE_HOME");
        var home = Environment.GetFolderPath(Environment.SpecialFolder.UserProfile);
        var parent = Path.IsPathRooted(configured) ? configured : Path.Combine(home.Length > 0 ? home : Path.GetTempPath(), ".local", "state");
        return new StateHome(Path.Combine(parent, "dora", "kept"));
    }

    /// <summary>The name of a dataflow that was given none: its file's, told apart by where it lies.</summary>
    public static string NameOf(string file)
    {
        var path = Path.GetFullPath(file);
        var stem = string.Concat(Path.GetFileNameWithoutExtension(path).Select(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' ? c : '_'));
        return $"{(stem.Length > 48 ? stem[..48] : stem)}-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(path)))[..8]}";
    }

    /// <exception cref="CliException">No name for a folder.</exception>
    public static string? CheckedName(string? name) => name is null || (name.Length is > 0 and <= 64 && name[0] != '.' && name.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.'))
        ? name
        : throw new CliException($"'{name}' is no name for a dataflow", ExitCode.Usage, "use 1 to 64 letters, digits, '_', '-' or '.', not beginning with a dot");

    public string FolderOf(string name) => Path.Combine(Root, name);

    /// <summary>Everything that is kept, by dataflow and node.</summary>
    public IEnumerable<KeptState> All() => !Directory.Exists(Root) ? [] :
        from dataflow in Directory.EnumerateDirectories(Root).Order(StringComparer.Ordinal)
        from node in Directory.EnumerateDirectories(dataflow).Order(StringComparer.Ordinal)
        let files = new DirectoryInfo(node).GetFiles()
        select new KeptState(Path.GetFileName(dataflow), Path.GetFileName(node), files.Sum(f => f.Length), files.Select(f => f.LastWriteTimeUtc).DefaultIfEmpty().Max());

    /// <summary>Deletes what the operators of a dataflow, or of one node of it, keep.</summary>
    /// <returns>Whether there was anything.</returns>
    /// <exception cref="CliException">A run uses it.</exception>
    public bool Delete(string name, string? node)
    {
        var folder = FolderOf(name);
        if (!Directory.Exists(folder))
            return false;
        var nodes = Directory.EnumerateDirectories(folder).Where(path => node is null || Path.GetFileName(path) == node).ToList();
        var locks = new List<LockFile>();
        try
        {
            foreach (var path in nodes)
                locks.Add(LockFile.TryTake(Path.Combine(path, LockName), create: true, out _)
                    ?? throw new CliException($"the state of node '{Path.GetFileName(path)}' is in use by a run of '{name}'", ExitCode.Failed, "stop that run first"));
            foreach (var path in nodes)
                Directory.Delete(path, recursive: true);
            if (!Directory.EnumerateFileSystemEntries(folder).Any())
                Directory.Delete(folder);
            return nodes.Count > 0;
        }
        catch (Exception e) when (e is PlatformException or IOException or UnauthorizedAccessException)
        {
            throw new CliException($"'{folder}' cannot be deleted: {e.Message}", ExitCode.Failed, inner: e);
        }
        finally
        {
            foreach (var taken in locks)
                taken.Dispose();
        }
    }
}

/// <summary>What the operators of one node keep.</summary>
internal sealed record KeptState(string Dataflow, string Node, long Bytes, DateTime ChangedUtc);
