// SPDX-License-Identifier: Apache-2.0

namespace Dora.Testing;

/// <summary>The <c>dora</c> that tests with real processes use.</summary>
public static class DoraExecutable
{
    private static readonly Lazy<string> Found = new(Find);

    /// <summary><c>DORA_EXE</c> if set, else the native build under artifacts, else the debug build.</summary>
    public static string Path => Found.Value;

    /// <summary>Root of the repository that the tests were built from.</summary>
    public static string RepositoryRoot { get; } = FindRoot();

    private static string Find()
    {
        if (Environment.GetEnvironmentVariable("DORA_EXE") is { Length: > 0 } chosen)
            return System.IO.Path.GetFullPath(chosen);
        string[] candidates =
        [
            System.IO.Path.Combine(RepositoryRoot, "artifacts", "dora", "dora"),
            System.IO.Path.Combine(RepositoryRoot, "src", "Dora.Cli", "bin", "Debug", "net10.0", "dora"),
        ];
        return Array.Find(candidates, File.Exists)
            ?? throw new FileNotFoundException($"No dora executable; looked for {string.Join(" and ", candidates)}.");
    }

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(System.IO.Path.Combine(folder.FullName, "Dora.slnx")))
            folder = folder.Parent;
        return folder?.FullName ?? AppContext.BaseDirectory;
    }
}
