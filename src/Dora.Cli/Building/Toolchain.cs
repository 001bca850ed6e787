// SPDX-License-Identifier: Apache-2.0

namespace Dora.Cli.Building;

/// <summary>The .NET SDK that builds nodes.</summary>
/// <param name="Dotnet">Absolute path of <c>dotnet</c>.</param>
/// <param name="Identity">Changes when another SDK or another dora would build.</param>
internal sealed record Toolchain(string Dotnet, string Identity)
{
    /// <summary>Looks in <c>PATH</c>; asks no process, since this happens before every run.</summary>
    public static Toolchain? Find()
    {
        if (ProgramSearch.InPath("dotnet") is not { } dotnet)
            return null;
        var real = new FileInfo(dotnet).ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? dotnet;
        var sdks = Path.Combine(Path.GetDirectoryName(real)!, "sdk");

        // Which of several SDKs is taken follows from global.json, whose text is in the fingerprint of the sources.
        string[] installed = Directory.Exists(sdks) ? [.. Directory.EnumerateDirectories(sdks).Order(StringComparer.Ordinal)] : [];
        return new Toolchain(dotnet, $"dora {ProductInfo.Version.Split('+')[0]}; sdk {string.Join(' ', installed)}");
    }
}
