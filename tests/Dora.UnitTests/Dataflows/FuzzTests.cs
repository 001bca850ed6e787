// SPDX-License-Identifier: Apache-2.0

using System.Text;
using CsCheck;
using Dora.Dataflows;
using Dora.Dataflows.Diagnostics;
using Dora.Dataflows.Graph;

namespace Dora.UnitTests.Dataflows;

/// <summary>Damaged files of the corpus: never an exception, always a place. A failing case prints its seed.</summary>
public sealed class FuzzTests
{
    private static readonly byte[][] Seeds =
        [.. Directory.EnumerateFiles(DataflowFiles.Corpus, "*.yml", SearchOption.AllDirectories).Order(StringComparer.Ordinal).Select(File.ReadAllBytes)];

    /// <summary>What has a meaning in YAML or in a dataflow, and what often breaks readers.</summary>
    private static readonly byte[][] Tokens =
    [
        .. new[]
        {
            "\t", "\r", "\n", "  ", "- ", ": ", "? ", "[", "]", "{", "}", ",", "#", "&a ", "*a", "<<: *a\n", "!!str ", "!x ", "!<", "|", ">", "|9\n", "'", "\"", "\\", "%YAML 1.2\n", "%YAML 1.99999999999\n", "%TAG ! x\n", "|99999", "\\x", "\\U0011FFFF", "? ", "&", "*",
            "---\n", "...\n", "~", "null", "true", "0x1F", "1e999", "-", ".", "/", "@", "`", "$", "${", "${A:-", "$PARAM_X", "_mod/", "dora/timer/hz/", "dora/logs/", "../", "\\0", "\\ud800",
            "\0", "\u0085", "\u2028", "\ufeff", "\U0001F600", "nodes:\n", "id: ", "path: ", "inputs: ", "outputs: ", "operators:\n", "operator: ", "custom: ", "env: ", "module: modules/navigation.yml\n",
        }.Select(Encoding.UTF8.GetBytes),
        [0x80], [0xC3], [0xED, 0xA0, 0x80], [0xFF, 0xFE], [0xF4, 0x90, 0x80, 0x80],
    ];

    private static readonly LoadOptions Options = new()
    {
        CheckFiles = false,
        Operators = [.. Enum.GetValues<OperatorKind>()],
        Environment = new Dictionary<string, string> { ["CAMERA"] = "left" },
    };

    private static readonly Gen<Func<byte[], byte[]>> Mutation = Gen.OneOf(
        Gen.Select(Gen.Double.Unit, Gen.Byte, (at, value) => (Func<byte[], byte[]>)(b => Replace(b, Index(at, b), 1, [value]))),
        Gen.Select(Gen.Double.Unit, Gen.Int[0, 40], (at, length) => (Func<byte[], byte[]>)(b => Replace(b, Index(at, b), length, []))),
        Gen.Select(Gen.Double.Unit, Gen.Int[0, Tokens.Length - 1], (at, token) => (Func<byte[], byte[]>)(b => Replace(b, Index(at, b), 0, Tokens[token]))),
        Gen.Select(Gen.Double.Unit, Gen.Double.Unit, Gen.Int[1, 60], (to, from, length) => (Func<byte[], byte[]>)(b => Replace(b, Index(to, b), 0, Slice(b, Index(from, b), length)))),
        Gen.Select(Gen.Double.Unit, Gen.Double.Unit, Gen.Int[1, 60], (to, from, length) => (Func<byte[], byte[]>)(b => Replace(b, Index(to, b), length, Slice(b, Index(from, b), length)))));

    private static readonly Gen<byte[]> Damaged =
        Gen.Select(Gen.Int[0, Seeds.Length - 1], Mutation.Array[1, 6], (seed, mutations) => mutations.Aggregate(Seeds[seed], (bytes, mutate) => mutate(bytes)));

    [Fact]
    public void Damaged_descriptors_give_findings_with_places_and_never_an_exception() =>
        Damaged.Sample(bytes => Check(DescriptorLoader.LoadBytes(bytes, "fuzz.yml", Path.Combine(DataflowFiles.Corpus, "good"), Options), bytes), iter: 20_000, print: Print);

    [Fact]
    public void What_survives_damage_means_the_same_when_it_is_expanded() =>
        Damaged.Sample(
            bytes =>
            {
                string folder = Path.Combine(DataflowFiles.Corpus, "good");
                string text = Encoding.UTF8.GetString(bytes);
                if (DescriptorLoader.LoadText(text, "fuzz.yml", folder, Options).Graph is not { } graph) return;
                string flat = DescriptorExpander.ExpandText(text, "fuzz.yml", folder, Options).Yaml!;
                var again = DescriptorLoader.LoadText(flat, "flat.yml", folder, Options);
                Assert.True(again.Graph is not null, $"{string.Join("\n", again.Diagnostics)}\n{flat}");
                Assert.Equal(GraphText.Of(graph with { Nodes = [.. graph.Nodes.Select(n => n with { Module = null })] }), GraphText.Of(again.Graph));
            },
            iter: 5_000,
            print: Print);

    [Fact]
    public void Random_bytes_give_findings_with_places_and_never_an_exception() =>
        Gen.Byte.Array[0, 200].Sample(bytes => Check(DescriptorLoader.LoadBytes(bytes, "fuzz.yml", "/", Options), bytes), iter: 5_000, print: Print);

    [Fact]
    public void Random_tokens_give_findings_with_places_and_never_an_exception() =>
        Gen.Int[0, Tokens.Length - 1].Array[0, 60].Select(t => t.SelectMany(i => Tokens[i]).ToArray())
            .Sample(bytes => Check(DescriptorLoader.LoadBytes(bytes, "fuzz.yml", "/", Options), bytes), iter: 20_000, print: Print);

    private static void Check(LoadResult result, byte[] bytes)
    {
        int lines = bytes.Count(b => b is (byte)'\n' or (byte)'\r') + bytes.Length + 1;
        Assert.Equal(result.HasErrors, result.Graph is null);
        foreach (var finding in result.Diagnostics)
        {
            Assert.NotNull(DiagnosticCatalogue.Find(finding.Code));
            Assert.InRange(finding.Line, 1, lines);
            Assert.InRange(finding.Column, 1, int.MaxValue);
            Assert.True(finding.EndColumn > finding.Column);
            Assert.DoesNotContain(finding.ToString() + finding.Cause + finding.Fix, char.IsControl);
            Assert.NotEmpty(DiagnosticRenderer.Render(finding));
        }

        var order = result.Diagnostics.Where(d => d.SourceFile == "fuzz.yml").Select(d => (d.Line, d.Column)).ToArray();
        Assert.Equal(order.Order(), order);
    }

    private static string Print(byte[] bytes) => $"{Convert.ToBase64String(bytes)}\n{Encoding.UTF8.GetString(bytes)}";

    private static int Index(double at, byte[] bytes) => (int)(at * bytes.Length);

    private static byte[] Slice(byte[] bytes, int start, int length) => bytes[start..Math.Min(bytes.Length, start + length)];

    private static byte[] Replace(byte[] bytes, int start, int length, byte[] by) =>
        [.. bytes.AsSpan(0, start), .. by, .. bytes.AsSpan(Math.Min(bytes.Length, start + length))];
}
