// SPDX-License-Identifier: Apache-2.0

namespace Dora.Dataflows;

/// <summary>Reads a descriptor: YAML in, a resolved graph or everything that is wrong with it out. Never throws for what a file holds.</summary>
public static class DescriptorLoader
{
    /// <summary>Reads the file; its folder is where relative paths start.</summary>
    public static LoadResult Load(string path, LoadOptions options) => throw new NotSupportedException();

    /// <summary>Reads text that need not come from a file.</summary>
    /// <param name="text">YAML.</param>
    /// <param name="displayPath">Its name in findings.</param>
    /// <param name="baseDirectory">Where relative paths start.</param>
    /// <param name="options">What to read it against.</param>
    public static LoadResult LoadText(string text, string displayPath, string baseDirectory, LoadOptions options) => throw new NotSupportedException();
}
