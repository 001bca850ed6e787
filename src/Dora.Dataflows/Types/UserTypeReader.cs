// SPDX-License-Identifier: Apache-2.0

using Dora.Dataflows.Descriptors;
using Dora.Dataflows.Diagnostics;
using Dora.Dataflows.Keys;
using Dora.Dataflows.Parsing;
using Dora.Dataflows.Yaml;

namespace Dora.Dataflows.Types;

/// <summary>Reads the dataflow's own types: <c>types/myproject/v1.yml</c> defines <c>myproject/v1/…</c>.</summary>
internal sealed class UserTypeReader(DiagnosticBag diagnostics)
{
    private const int MaxFiles = 1000;

    /// <summary>Folders below <c>types</c>.</summary>
    private const int MaxDepth = 8;

    /// <param name="baseDirectory">Folder of the dataflow; it need not have types.</param>
    /// <param name="displayDirectory">The same as the user wrote it.</param>
    public List<TypeDefinition> Read(string baseDirectory, string displayDirectory)
    {
        List<TypeDefinition> types = [];
        string folder = Path.Combine(baseDirectory, "types");
        if (!Directory.Exists(folder)) return types;
        foreach (string file in Files(folder))
        {
            string relative = Path.GetRelativePath(folder, file);
            string display = Path.Combine(displayDirectory, "types", relative);
            if (DescriptorFile.Read(file, display, YamlLimits.MaxModuleBytes, diagnostics) is { } source)
                ReadFile(source, Path.ChangeExtension(relative, null), types);
        }

        return types;
    }

    private static string[] Files(string folder)
    {
        EnumerationOptions search = new() { RecurseSubdirectories = true, MaxRecursionDepth = MaxDepth, AttributesToSkip = FileAttributes.ReparsePoint };
        try
        {
            var files = Directory.EnumerateFiles(folder, "*.yml", search).Concat(Directory.EnumerateFiles(folder, "*.yaml", search));
            return [.. files.Take(MaxFiles).Order(StringComparer.Ordinal)];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return []; // types that can't be read are then reported where they are used
        }
    }

    private void ReadFile(SourceText source, string prefix, List<TypeDefinition> types)
    {
        if (prefix.StartsWith(StandardTypes.Prefix, StringComparison.Ordinal))
        {
            diagnostics.Error(
                "DF0406", source.Start,
                "'types/std' is reserved for the standard types",
                fix: "use a folder with the name of your project");
            return;
        }

        if (DescriptorFile.ReadTypes(source, diagnostics) is not { } root || root.Value("types") is not YamlMapping definitions) return;
        foreach (var (name, value) in definitions.Entries)
        {
            if (TypeUrn.Parse($"{prefix}/{name.Text}", out string problem) is not { } urn || !urn.Parameters.IsEmpty)
                diagnostics.Error(
                    "DF0406", name.Span,
                    $"{Quoted.Text(name.Text)} can't name a type{(problem.Length > 0 ? $": {problem}" : "")}");
            else if (value is YamlMapping mapping)
                types.Add(Type(urn.Base, new KeyReader(mapping, TypeKeys.Type)));
        }
    }

    private static TypeDefinition Type(string urn, KeyReader reader) => new(
        urn,
        reader.PlainText("arrow") ?? "",
        [
            .. from mapping in reader.List("fields").OfType<YamlMapping>()
               let field = new KeyReader(mapping, TypeKeys.Field)
               select new TypeField(field.PlainText("name") ?? "", field.PlainText("type") ?? ""),
        ]);
}
