// SPDX-License-Identifier: Apache-2.0

using Dora.Cli.Building;
using Dora.Cli.Output;

namespace Dora.Cli.Checks;

/// <summary>What building nodes and dora itself needs.</summary>
internal static class BuildChecks
{
    private const long EnoughDiskBytes = 1L << 30;

    public static async Task<IReadOnlyList<Check>> AllAsync(CancellationToken cancel) =>
        [await SdkAsync(cancel), Compiler(), Check.Of("runtime", Runtime), Check.Of("build cache", Cache), Check.Of("disk", Disk)];

    private static async Task<Check> SdkAsync(CancellationToken cancel)
    {
        const string Fix = "install the .NET 10 SDK: https://dot.net, or the package dotnet-sdk-10.0";
        if (ProgramSearch.InPath("dotnet") is not { } dotnet)
            return new Check(".NET SDK", CheckState.Failed, "'dotnet' is not in PATH", Fix);
        var result = await ToolProcess.RunAsync(dotnet, ["--version"], Environment.CurrentDirectory, cancel);
        var version = result.Output.Count > 0 ? result.Output[0].Trim() : "";
        var isGood = result.ExitCode == 0 && int.TryParse(version.Split('.')[0], out var major) && major >= 10;
        return isGood
            ? new Check(".NET SDK", CheckState.Ok, $"{version} ({dotnet})")
            : new Check(".NET SDK", CheckState.Failed, version.Length > 0 ? Printable.Of(version) : "it does not start", Fix);
    }

    private static Check Compiler()
    {
        var found = ProgramSearch.InPath("clang") ?? ProgramSearch.InPath("gcc");
        return found is not null
            ? new Check("C compiler", CheckState.Ok, found)
            : new Check("C compiler", CheckState.Note, "neither clang nor gcc", "only to build dora itself as native code: apt-get install gcc");
    }

    private static Check Runtime() => new("operator runtime", CheckState.Ok, Installation.Runtime().Program);

    private static Check Cache()
    {
        var root = BuildCache.Default().Root;
        Directory.CreateDirectory(root);
        var probe = Path.Combine(root, $".doctor-{Environment.ProcessId}");
        File.WriteAllText(probe, "");
        File.Delete(probe);
        return new Check("build cache", CheckState.Ok, root);
    }

    private static Check Disk()
    {
        var root = BuildCache.Default().Root;
        var free = new DriveInfo(root).AvailableFreeSpace;
        return free >= EnoughDiskBytes
            ? new Check("disk", CheckState.Ok, $"{Words.Bytes(free)} free for the cache")
            : new Check("disk", CheckState.Note, $"only {Words.Bytes(free)} free at {root}", "building nodes takes up to 1 GiB");
    }
}
