// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;
using System.Text;
using Dora.Dataflows;
using Dora.Dataflows.Diagnostics;
using Dora.Dataflows.Graph;

namespace Dora.UnitTests.Dataflows;

/// <summary>A descriptor of the corpus. A first line <c># options: …</c> says what it is read against.</summary>
internal sealed record CorpusFile(string Folder, string Name)
{
    public static IEnumerable<CorpusFile> All(string folder) =>
        Directory.EnumerateFiles(Path.Combine(DataflowFiles.Corpus, folder), "*.yml", SearchOption.AllDirectories)
            .Select(f => Path.GetRelativePath(Path.Combine(DataflowFiles.Corpus, folder), f))
            .Where(f => !f.Contains("modules/", StringComparison.Ordinal) && !f.Contains("/types/", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal)
            .Select(f => new CorpusFile(folder, Path.ChangeExtension(f, null)));

    public string YamlPath => Path.Combine(DataflowFiles.Corpus, Folder, Name + ".yml");

    public LoadOptions Options()
    {
        string first = File.ReadLines(YamlPath).FirstOrDefault() ?? "";
        string[] words = first.StartsWith("# options:", StringComparison.Ordinal) ? first["# options:".Length..].Split(' ', StringSplitOptions.RemoveEmptyEntries) : [];
        LoadOptions options = new()
        {
            CheckFiles = words.Contains("check-files"),
            AllowShell = words.Contains("allow-shell"),
            StrictTypes = words.Contains("strict-types"),
            Environment = new Dictionary<string, string> { ["CAMERA"] = "left", ["PATH"] = "/usr/bin:/bin" },
        };
        return words.Contains("all-operators") ? options with { Operators = [.. Enum.GetValues<OperatorKind>()] } : options;
    }

    public LoadResult Load() => DescriptorLoader.Load(YamlPath, Options());

    /// <summary>Everything that loading gives, as text without absolute paths.</summary>
    public string Outcome()
    {
        var result = Load();
        StringBuilder text = new();
        foreach (var diagnostic in result.Diagnostics) text.Append(DiagnosticRenderer.Render(diagnostic));
        if (result.Graph is { } graph) text.Append(GraphText.Of(graph));
        return text.Replace(Path.GetDirectoryName(YamlPath)! + "/", "").Replace(Path.GetDirectoryName(YamlPath)!, ".").Replace(DataflowFiles.Corpus, "CORPUS").Replace(DataflowFiles.RepositoryRoot, "REPOSITORY").ToString();
    }

    /// <summary>Compares with <c>NAME.expected</c>; what is different is left beside the test programs, to be looked at and copied.</summary>
    public void AssertOutcome()
    {
        string expectedPath = Path.ChangeExtension(YamlPath, ".expected");
        string actual = Outcome();
        string? expected = File.Exists(expectedPath) ? File.ReadAllText(expectedPath) : null;
        if (actual == expected) return;
        string actualPath = Path.Combine(AppContext.BaseDirectory, "corpus-actual", Folder, Name + ".expected");
        Directory.CreateDirectory(Path.GetDirectoryName(actualPath)!);
        File.WriteAllText(actualPath, actual);
        Assert.Fail($"{Name}: the outcome differs from {expectedPath}; it is in {actualPath}\n{actual}");
    }

    public override string ToString() => $"{Folder}/{Name}";
}
