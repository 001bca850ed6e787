// SPDX-License-Identifier: Apache-2.0

using Dora.Dataflows;
using Dora.Dataflows.Diagnostics;
using Dora.Dataflows.Keys;
using Dora.Dataflows.Schema;
using Dora.Dataflows.Yaml;
using NJsonSchema;

namespace Dora.UnitTests.Dataflows;

public sealed class DataflowSchemaTests
{
    /// <summary>What the schema can tell, too; the rest is about what values refer to.</summary>
    private static readonly string[] ShapeCodes = ["DF0101", "DF0102", "DF0103", "DF0104", "DF0110", "DF0111", "DF0112", "DF0113", "DF0120", "DF0133"];

    /// <summary>Files where the schema is laxer on purpose: it would become unreadable otherwise.</summary>
    private static readonly string[] BeyondTheSchema = ["custom-without-source", "shell-without-line", "nul-character"];

    private static readonly JsonSchema Schema = JsonSchema.FromJsonAsync(DataflowSchema.Generate()).GetAwaiter().GetResult();

    private static string SchemaPath => Path.Combine(DataflowFiles.RepositoryRoot, "schemas", "dataflow.schema.json");

    public static TheoryData<string> Descriptors =>
    [
        .. CorpusFile.All("good").Concat(CorpusFile.All("wrong")).Select(f => f.YamlPath)
            .Concat(Directory.EnumerateFiles(Path.Combine(DataflowFiles.RepositoryRoot, "examples"), "dataflow.yml", SearchOption.AllDirectories))
            .Select(f => Path.GetRelativePath(DataflowFiles.RepositoryRoot, f)),
    ];

    public static TheoryData<string> GoodFiles => CorpusTests.GoodFiles;

    [Fact]
    public void The_file_in_the_repository_is_the_generated_one()
    {
        string generated = DataflowSchema.Generate();
        string actualPath = Path.Combine(AppContext.BaseDirectory, "dataflow.schema.json");
        File.WriteAllText(actualPath, generated);

        Assert.True(File.ReadAllText(SchemaPath) == generated, $"{SchemaPath} is out of date: 'dora schema > schemas/dataflow.schema.json', or copy {actualPath}");
    }

    [Theory]
    [MemberData(nameof(Descriptors))]
    public void Schema_and_parser_agree_on_the_shape_of(string path)
    {
        string full = Path.Combine(DataflowFiles.RepositoryRoot, path);
        DiagnosticBag syntax = new();
        var source = new SourceText(path, File.ReadAllText(full), Path.GetDirectoryName(full)!);
        if (!YamlReader.TryRead(source, syntax, out var root) || root is null || syntax.HasErrors) return; // not YAML that an editor would hand on

        var findings = DescriptorLoader.LoadText(source.Text, path, source.Directory, new LoadOptions { CheckFiles = false }).Diagnostics;
        if (findings.Any(d => d.Code is "DF0314")) return; // a module has keys of its own
        bool parserComplains = findings.Any(d => d.SourceFile == path && ShapeCodes.Contains(d.Code));
        var complaints = Schema.Validate(YamlJson.Of(root)!.ToJsonString());

        bool sourcesAreBad = findings.Any(d => d.Code is "DF0108" or "DF0109" or "DF0128" or "DF0308");
        if (sourcesAreBad && !parserComplains || BeyondTheSchema.Contains(Path.GetFileNameWithoutExtension(path))) return;
        Assert.True(parserComplains == complaints.Count > 0, $"parser: {string.Join("\n", findings)}\nschema: {string.Join("\n", complaints)}");
    }

    [Theory]
    [MemberData(nameof(GoodFiles))]
    public void A_misspelt_key_is_refused_by_schema_and_parser_wherever_it_stands(string name)
    {
        CorpusFile file = new("good", name);
        var source = new SourceText("x.yml", File.ReadAllText(file.YamlPath), Path.GetDirectoryName(file.YamlPath)!);
        Assert.True(YamlReader.TryRead(source, new DiagnosticBag(), out var root));
        var keys = KeysIn((YamlMapping)root!, DataflowKeys.Dataflow).ToList();
        Assert.NotEmpty(keys);
        foreach (var (mapping, key) in keys)
        {
            var changed = (YamlMapping)Replace(root!, mapping, key);
            string yaml = Dora.Dataflows.Expanding.YamlWriter.Write(changed);
            var findings = DescriptorLoader.LoadText(yaml, "x.yml", source.Directory, file.Options() with { CheckFiles = false }).Diagnostics;

            Assert.Contains(findings, d => d.Code == "DF0101" && d.Message.Contains($"{key}X", StringComparison.Ordinal));
            Assert.NotEmpty(Schema.Validate(YamlJson.Of(changed)!.ToJsonString()));
        }
    }

    [Fact]
    public void Every_key_has_a_description()
    {
        Assert.All(Schema.Definitions.Values.Append(Schema), set => Assert.All(set.Properties.Values, p => Assert.False(string.IsNullOrWhiteSpace(p.Description), p.Name)));
    }

    /// <summary>Every place of one of our keys in a file.</summary>
    private static IEnumerable<(YamlMapping Mapping, string Key)> KeysIn(YamlNode node, KeySet keys)
    {
        if (node is not YamlMapping mapping) yield break;
        foreach (var (written, value) in mapping.Entries)
        {
            yield return (mapping, written.Text);
            foreach (var inner in KeysBelow(value, keys.Find(written.Text)!.Shape)) yield return inner;
        }
    }

    private static IEnumerable<(YamlMapping Mapping, string Key)> KeysBelow(YamlNode node, ValueShape shape) => (shape, node) switch
    {
        (KeysShape keys, YamlMapping) => KeysIn(node, keys.Keys),
        (ListShape list, YamlSequence sequence) => sequence.Items.SelectMany(i => KeysBelow(i, list.Item)),
        (MapShape map, YamlMapping mapping) => mapping.Entries.SelectMany(e => KeysBelow(e.Value, map.Value)),
        (EitherShape either, _) => either.Shapes.SelectMany(s => KeysBelow(node, s)),
        _ => [],
    };

    private static YamlNode Replace(YamlNode node, YamlMapping target, string key) => node switch
    {
        YamlMapping mapping => new YamlMapping(mapping.Span, [.. mapping.Entries.Select(e => new YamlEntry(
            ReferenceEquals(mapping, target) && e.Key.Text == key ? new YamlScalar(e.Key.Span, key + "X", isPlain: true) : e.Key, Replace(e.Value, target, key)))]),
        YamlSequence sequence => new YamlSequence(sequence.Span, [.. sequence.Items.Select(i => Replace(i, target, key))]),
        _ => node,
    };
}
