// SPDX-License-Identifier: Apache-2.0

namespace Dora.UnitTests.Dataflows;

/// <summary>Where the files of these tests are: in the source tree, so that a golden file can be written back.</summary>
internal static class DataflowFiles
{
    public static string RepositoryRoot { get; } = FindRoot(Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory));

    public static string Corpus { get; } = Path.Combine(RepositoryRoot, "tests", "Dora.UnitTests", "Dataflows", "Corpus");

    private static string FindRoot(string folder) =>
        File.Exists(Path.Combine(folder, "Dora.slnx")) ? folder : FindRoot(Path.GetDirectoryName(folder) ?? throw new DirectoryNotFoundException("Dora.slnx"));
}
