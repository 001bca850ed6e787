// SPDX-License-Identifier: Apache-2.0

using Dora.Cli.Output;
using Dora.Dataflows.Graph;

namespace Dora.Cli.Building;

/// <summary>Makes everything of a dataflow that is C# source ready to start, building only what the cache does not have.</summary>
internal sealed class DataflowBuilder(BuildCache cache, Terminal terminal)
{
    /// <summary>File of an entry that names its assembly.</summary>
    private const string AssemblyNote = ".assembly";

    /// <summary>Assemblies by source file; null after a failure, which has been shown.</summary>
    /// <param name="graph">Any valid one.</param>
    /// <param name="useCache">False: everything is built anew.</param>
    /// <param name="cancel">Ends the build.</param>
    public async Task<IReadOnlyDictionary<string, string>?> BuildAsync(DataflowGraph graph, bool useCache, CancellationToken cancel)
    {
        var programs = ProgramsOf(graph).Distinct().ToList();
        if (programs.Count == 0)
            return new Dictionary<string, string>();
        var toolchain = Toolchain.Find() ?? throw new CliException(
            "'dotnet' is not in PATH, and this dataflow has C# sources to build", ExitCode.Failed, "install the .NET 10 SDK; 'dora doctor' checks it");

        SourceFingerprint fingerprint = new(toolchain.Identity);
        var fingerprints = programs.ToDictionary(p => p, fingerprint.Of);
        var missing = programs.Where(p => !useCache || cache.Find(p, fingerprints[p]) is null).ToList();
        if (missing.Count > 0 && !await BuildMissingAsync(missing, fingerprints, toolchain, graph.BaseDirectory, useCache, cancel))
            return null;
        return programs.ToDictionary(p => p.Path, p => AssemblyIn(cache.Find(p, fingerprints[p])!));
    }

    private async Task<bool> BuildMissingAsync(
        List<SourceProgram> missing, Dictionary<SourceProgram, string> fingerprints, Toolchain toolchain, string directory, bool useCache, CancellationToken cancel)
    {
        using var turn = await cache.LockAsync(() => terminal.Error.WriteLine("waiting for another dora that is building"), cancel);
        if (useCache)
            missing = [.. missing.Where(p => cache.Find(p, fingerprints[p]) is null)]; // the other may have built the same
        if (missing.Count == 0)
            return true;

        var names = string.Join(", ", missing.Select(p => Path.GetFileName(p.Path)));
        await using Progress progress = new($"building {names}", terminal);
        try
        {
            var built = await new DotnetBuild(toolchain, cache.WorkFolder).RunAsync(missing, directory, cancel);
            foreach (var (program, assembly) in built)
            {
                var folder = Path.GetDirectoryName(assembly)!;
                await File.WriteAllTextAsync(Path.Combine(folder, AssemblyNote), Path.GetFileName(assembly), cancel);
                cache.Store(program, fingerprints[program], folder);
            }

            progress.Done($"built {names}");
            return true;
        }
        catch (BuildFailedException e)
        {
            progress.Done(null);
            foreach (var line in e.Lines)
                terminal.Error.WriteLine(line);
            terminal.Error.WriteLine($"{terminal.ErrorInk.Red("error:")} {names}: the build failed; the compiler's words are above");
            return false;
        }
    }

    /// <summary>All C# sources of a dataflow; one that is used twice comes twice.</summary>
    public static IEnumerable<SourceProgram> ProgramsOf(DataflowGraph graph)
    {
        foreach (var node in graph.Nodes)
        {
            if (node.Program is { Kind: ProgramKind.CSharpFile or ProgramKind.CSharpProject } program)
                yield return new SourceProgram(program.Source, IsLibrary: false);
            foreach (var op in node.Operators.Where(o => o.Kind == OperatorKind.CSharp && !o.Source.EndsWith(".dll", StringComparison.OrdinalIgnoreCase)))
                yield return new SourceProgram(op.Source, IsLibrary: true);
        }
    }

    private static string AssemblyIn(string entry) => Path.Combine(entry, File.ReadAllText(Path.Combine(entry, AssemblyNote)));
}
