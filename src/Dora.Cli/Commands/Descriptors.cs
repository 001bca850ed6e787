// SPDX-License-Identifier: Apache-2.0

using System.Collections;
using Dora.Cli.Output;
using Dora.Dataflows;
using Dora.Dataflows.Graph;

namespace Dora.Cli.Commands;

/// <summary>From the FILE argument to a graph, the same way for every command.</summary>
internal static class Descriptors
{
    /// <summary>Reads and checks the file; everything found is shown on standard error.</summary>
    /// <returns>Null when there was an error: the command ends with <see cref="ExitCode.InvalidDescriptor"/>.</returns>
    public static DataflowGraph? LoadAndReport(string path, LoadOptions options, Terminal terminal)
    {
        RequireFile(path);
        var result = DescriptorLoader.Load(path, options);
        DiagnosticPrinter.Print(result.Diagnostics, terminal);
        return result.HasErrors ? null : result.Graph;
    }

    /// <summary>For commands that only look at a graph: files need not be there yet, variables need no value.</summary>
    public static LoadOptions ForLooking() => new()
    {
        Environment = ProcessEnvironment(),
        CheckFiles = false,
        RequireVariables = false,
        AllowShell = true,
    };

    /// <summary>What <c>$VAR</c> in the descriptor stands for.</summary>
    public static Dictionary<string, string> ProcessEnvironment() => Environment.GetEnvironmentVariables()
        .Cast<DictionaryEntry>()
        .ToDictionary(e => (string)e.Key, e => (string?)e.Value ?? "", StringComparer.Ordinal);

    /// <summary>A wrong path is a mistake on the command line, not in a descriptor.</summary>
    public static void RequireFile(string path)
    {
        if (File.Exists(path))
            return;
        if (Directory.Exists(path))
        {
            var inside = YamlFiles(path).FirstOrDefault();
            throw new CliException($"'{path}' is a folder; a dataflow is a YAML file", ExitCode.Usage, inside is null ? null : $"name the file: {inside}");
        }

        throw new CliException($"there is no file '{path}'", ExitCode.Usage, Nearby(path));
    }

    private static string Nearby(string path)
    {
        var folder = Path.GetDirectoryName(path) is { Length: > 0 } given ? given : ".";
        if (!Directory.Exists(folder))
            return $"the folder '{folder}' does not exist either; relative paths start at {Environment.CurrentDirectory}";
        var files = YamlFiles(folder).Take(5).ToList();
        return files.Count > 0 ? $"there is {string.Join(", ", files)}" : "'dora new NAME --kind dataflow' writes one to start from";
    }

    private static IEnumerable<string> YamlFiles(string folder) =>
        Directory.EnumerateFiles(folder, "*.y*ml").Select(f => Path.Combine(folder == "." ? "" : folder, Path.GetFileName(f))).Order(StringComparer.Ordinal);
}
