// SPDX-License-Identifier: Apache-2.0

using System.Text;
using Dora.Dataflows.Diagnostics;
using Dora.Dataflows.Keys;
using Dora.Dataflows.Yaml;

namespace Dora.Dataflows.Parsing;

/// <summary>From a path to a tree whose shape was checked.</summary>
internal static class DescriptorFile
{
    private static readonly UTF8Encoding StrictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Null when it can't be read, which has then been reported.</summary>
    /// <param name="path">The file.</param>
    /// <param name="displayPath">Its name in findings.</param>
    /// <param name="maxBytes">Its largest size.</param>
    /// <param name="diagnostics">Where to report.</param>
    /// <param name="isModule">Whether it may be used several times.</param>
    public static SourceText? Read(string path, string displayPath, int maxBytes, DiagnosticBag diagnostics, bool isModule = false)
    {
        string full = Path.GetFullPath(path);
        SourceText empty = new(displayPath, "", Path.GetDirectoryName(full) ?? "/") { IsModule = isModule };
        try
        {
            if (Directory.Exists(full))
            {
                diagnostics.Error(
                    "DF0001", empty.Start,
                    "this is a folder, not a dataflow file",
                    fix: $"name the file in it, for example {Path.Combine(path, "dataflow.yml")}");
                return null;
            }

            // Neither a pipe nor a device can make us read without end.
            byte[] bytes = new byte[maxBytes + 1];
            using FileStream stream = new(full, FileMode.Open, FileAccess.Read, FileShare.Read);
            int length = stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
            if (length <= maxBytes) return Decode(bytes.AsSpan(0, length), empty, diagnostics);
            ReportSize(empty, maxBytes, diagnostics);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or NotSupportedException)
        {
            string problem = e is FileNotFoundException or DirectoryNotFoundException ? "there is no such file" : $"the file can't be read: {e.Message}";
            diagnostics.Error("DF0001", empty.Start, problem);
        }

        return null;
    }

    public static bool IsTooLarge(SourceText source, DiagnosticBag diagnostics)
    {
        if (Encoding.UTF8.GetByteCount(source.Text) <= YamlLimits.MaxFileBytes) return false;
        ReportSize(source, YamlLimits.MaxFileBytes, diagnostics);
        return true;
    }

    /// <summary>Null when nothing more can be said about it.</summary>
    public static YamlMapping? ReadDataflow(SourceText source, DiagnosticBag diagnostics)
    {
        if (ReadMapping(source, "a dataflow", diagnostics) is not { } root) return null;
        if (root.Find("module") is { Value: YamlMapping } module)
        {
            diagnostics.Error(
                "DF0314", module.Key.Span,
                "this is a module, not a dataflow",
                "A module is run as part of a dataflow.",
                "name it under 'module:' in a node of a dataflow");
            return null;
        }

        return Check(root, DataflowKeys.Dataflow, "the dataflow", diagnostics);
    }

    /// <summary>Null when nothing more can be said about it.</summary>
    public static YamlMapping? ReadModule(SourceText source, DiagnosticBag diagnostics)
    {
        if (ReadMapping(source, "a module", diagnostics) is not { } root) return null;
        if (root.Find("module") is not null) return Check(root, ModuleKeys.File, "the module", diagnostics);
        diagnostics.Error(
            "DF0305", root.Span,
            "this is not a module: it has no 'module' header",
            fix: "add 'module: {name: …, inputs: […], outputs: […]}'");
        return null;
    }

    /// <summary>A file of the <c>types</c> folder; null when nothing more can be said about it.</summary>
    public static YamlMapping? ReadTypes(SourceText source, DiagnosticBag diagnostics) =>
        ReadMapping(source, "a types file", diagnostics) is { } root ? Check(root, TypeKeys.File, "the types file", diagnostics) : null;

    private static YamlMapping? ReadMapping(SourceText source, string what, DiagnosticBag diagnostics)
    {
        if (!YamlReader.TryRead(source, diagnostics, out var root)) return null;
        if (root is YamlMapping mapping) return mapping;
        if (root is null or YamlScalar { IsNull: true })
        {
            diagnostics.Error("DF0010", source.Start, "the file is empty", fix: "'dora new' writes a dataflow to start from");
            return null;
        }

        diagnostics.Error("DF0103", root.Span, $"{what} is a mapping, but this is {root.Describe()}");
        return null;
    }

    private static YamlMapping? Check(YamlMapping root, KeySet keys, string owner, DiagnosticBag diagnostics)
    {
        if (IsTooMany(root, diagnostics)) return null;
        new ShapeChecker(diagnostics).CheckKeys(root, keys, owner);
        return root;
    }

    private static bool IsTooMany(YamlMapping root, DiagnosticBag diagnostics)
    {
        if (root.Value("nodes") is not YamlSequence nodes) return false;
        int count = nodes.Items.Count + nodes.Items.Sum(n => n is YamlMapping m && m.Value("operators") is YamlSequence operators ? operators.Items.Count : 0);
        if (count <= YamlLimits.MaxNodes) return false;
        diagnostics.Error(
            "DF0015", nodes.Span,
            $"there are {count:N0} nodes and operators in this file, more than {YamlLimits.MaxNodes:N0}",
            fix: "split it into modules or dataflows");
        return true;
    }

    /// <summary>Null when it is not UTF-8, which has then been reported.</summary>
    public static SourceText? Decode(ReadOnlySpan<byte> bytes, SourceText empty, DiagnosticBag diagnostics)
    {
        if (bytes.StartsWith<byte>([0xEF, 0xBB, 0xBF])) bytes = bytes[3..];
        try
        {
            return new SourceText(empty.DisplayPath, StrictUtf8.GetString(bytes), empty.Directory) { IsModule = empty.IsModule };
        }
        catch (DecoderFallbackException)
        {
            SourceText lossy = new(empty.DisplayPath, Encoding.UTF8.GetString(bytes), empty.Directory);
            var (line, column) = PositionOf(lossy.Text.IndexOf('\uFFFD'), lossy.Text);
            diagnostics.Error(
                "DF0003", new SourceSpan(lossy, line, column, column + 1),
                "the file is not UTF-8 text",
                fix: "save it as UTF-8");
            return null;
        }
    }

    private static (int Line, int Column) PositionOf(int index, string text)
    {
        var before = text.AsSpan(0, Math.Max(0, index));
        return (before.Count('\n') + 1, before.Length - (before.LastIndexOf('\n') + 1) + 1);
    }

    private static void ReportSize(SourceText source, int maxBytes, DiagnosticBag diagnostics) =>
        diagnostics.Error(
            "DF0002", source.Start,
            $"the file is larger than {maxBytes >> 20} MiB",
            "No dataflow needs that much, and reading it could fill the memory.",
            "split it into modules or dataflows");
}
