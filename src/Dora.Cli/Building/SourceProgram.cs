// SPDX-License-Identifier: Apache-2.0

namespace Dora.Cli.Building;

/// <summary>Something written in C# that has to be built before it can be started or loaded.</summary>
/// <param name="Path">Absolute path of a <c>.cs</c> or <c>.csproj</c> file.</param>
/// <param name="IsLibrary">An operator, loaded by the runtime; otherwise a program of its own.</param>
internal sealed record SourceProgram(string Path, bool IsLibrary)
{
    public string Name => System.IO.Path.GetFileNameWithoutExtension(Path);

    public string Folder => System.IO.Path.GetDirectoryName(Path)!;

    public bool IsProject => Path.EndsWith(".csproj", StringComparison.OrdinalIgnoreCase);
}
