// SPDX-License-Identifier: Apache-2.0

using System.Reflection;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using Dora.CApi.Exports;
using Dora.Testing;

namespace Dora.UnitTests.CApi;

/// <summary>What the C headers declare is what the library exports.</summary>
public sealed partial class HeaderTests
{
    private const int ExportsMin = 50; // so that a pattern that finds nothing any more is noticed

    [Fact]
    public void Headers_declare_exactly_the_exported_functions_with_as_many_parameters()
    {
        var declared = Header("node_api.h").Concat(Header("dora.h")).Order(StringComparer.Ordinal).ToArray();
        var exported = typeof(LibraryExports).Assembly.GetTypes()
            .SelectMany(type => type.GetMethods(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic))
            .Select(method => (method, attribute: method.GetCustomAttribute<UnmanagedCallersOnlyAttribute>()))
            .Where(export => export.attribute?.EntryPoint is not null)
            .Select(export => $"{export.attribute!.EntryPoint}/{export.method.GetParameters().Length}")
            .Order(StringComparer.Ordinal)
            .ToArray();

        Assert.InRange(declared.Length, ExportsMin, int.MaxValue);
        Assert.Equal(declared, exported);
    }

    [Fact]
    public void The_header_has_the_version_of_the_library()
    {
        var version = Regex.Match(Text("dora.h"), @"#define DORA_ABI_VERSION (\d+)u").Groups[1].Value;
        Assert.Equal($"{LibraryExports.AbiVersion}", version);
    }

    [Theory]
    [InlineData(typeof(Dora.CApi.Status), "dora_status", "DORA_")]
    [InlineData(typeof(EventExports.EventNumber), "dora_event_type_t", "DORA_EVENT_")]
    [InlineData(typeof(MetadataExports.KindNumber), "dora_parameter_kind", "DORA_PARAMETER_")]
    [InlineData(typeof(Dora.Nodes.NodeLogLevel), "dora_log_level", "DORA_LOG_")]
    public void Enums_have_the_same_values_in_C_and_here(Type here, string there, string prefix)
    {
        var body = Regex.Match(Text("dora.h") + Text("parameter_kind.h"), $@"typedef enum {there}\s*\{{(.*?)\}}", RegexOptions.Singleline).Groups[1].Value;
        var inC = Member().Matches(body).Select(m => (Name: m.Groups[1].Value, Value: int.Parse(m.Groups[2].Value))).ToArray();
        var inCSharp = Enum.GetNames(here)
            .Select(name => (Value: (int)Convert.ChangeType(Enum.Parse(here, name), typeof(int)), Name: name))
            .Select(member => (Name: prefix + (here == typeof(Dora.CApi.Status) && member.Value < 0 ? "ERROR_" : "") + Upper(member.Name), member.Value))
            .ToArray();

        Assert.Equal(inCSharp.OrderBy(m => m.Value), inC.OrderBy(m => m.Value));
    }

    private static string[] Header(string name) =>
        [.. Declaration().Matches(Comment().Replace(Text(name), ""))
            .Select(m => $"{m.Groups[1].Value}/{(m.Groups[2].Value.Trim() == "void" ? 0 : m.Groups[2].Value.Count(c => c == ',') + 1)}")];

    private static string Text(string name) =>
        File.ReadAllText(Path.Combine(DoraExecutable.RepositoryRoot, "bindings", "c", "include", "dora", name));

    private static string Upper(string name) => Regex.Replace(name, "(?<=[a-z])(?=[A-Z])", "_").ToUpperInvariant();

    [GeneratedRegex(@"/\*.*?\*/", RegexOptions.Singleline)]
    private static partial Regex Comment();

    [GeneratedRegex(@"^[a-z][^;{}#]*?\b(\w+)\s*\(([^)]*)\);", RegexOptions.Singleline | RegexOptions.Multiline)]
    private static partial Regex Declaration();

    [GeneratedRegex(@"(DORA_\w+) = (-?\d+)")]
    private static partial Regex Member();
}
