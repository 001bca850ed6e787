// SPDX-License-Identifier: Apache-2.0

using Dora.Dataflows.Diagnostics;
using Dora.Dataflows.Parsing;
using Dora.Dataflows.Yaml;

namespace Dora.Dataflows.Modules;

/// <summary>Gives a module's node its id outside, and what it inherits: parameters, environment, build lines, placement.</summary>
internal sealed class InnerNode(ModuleInstance instance, DiagnosticBag diagnostics)
{
    private readonly ParameterSubstitution _substitution = new(instance, diagnostics);

    public YamlMapping Adapt(YamlMapping node)
    {
        if (instance.Path is null && !instance.KeepsUnknownParameters) return node;
        if (node.Value("id") is YamlScalar id) node = node.With("id", new YamlScalar(id.Span, PrefixedId(id), id.IsPlain));
        node = node.Value("custom") is YamlMapping custom ? node.With("custom", WithBuild(WithParameters(custom))) : WithBuild(node);
        node = WithEnvironment(WithParameters(node));
        return instance.Deploy is { } deploy && !NamesItsFolder(node) ? node.With("deploy", deploy) : node;
    }

    /// <summary>Entries of an <c>env</c> in either form.</summary>
    public static IEnumerable<YamlEntry> Variables(YamlNode? env) => env switch
    {
        YamlMapping mapping => mapping.Entries,
        YamlSequence list => list.Items.OfType<YamlMapping>().SelectMany(m => m.Entries),
        _ => [],
    };

    private static bool NamesItsFolder(YamlMapping node)
    {
        string[] keys = ["deploy", "_unstable_deploy", "working_directory", "working-directory"];
        return keys.Any(k => node.Find(k) is not null || (node.Value("custom") as YamlMapping)?.Find(k) is not null);
    }

    private string PrefixedId(YamlScalar id)
    {
        string full = instance.Prefix + id.Text;
        if (full.Length > IdRules.MaxLength && IdRules.Problem(id.Text) is null)
            diagnostics.Error(
                "DF0315", id.Span,
                $"the node is called {Quoted.Text(full)} outside its modules, which is longer than {IdRules.MaxLength} characters",
                fix: "use shorter ids for it and for the nodes that stand for its modules");
        return full;
    }

    private YamlMapping WithParameters(YamlMapping owner)
    {
        if (owner.Value("args") is { } args) owner = owner.With("args", _substitution.Apply(args, escapesDollar: false));
        if (owner.Value("env") is { } env) owner = owner.With("env", _substitution.Apply(env, escapesDollar: true));
        return owner;
    }

    private YamlMapping WithBuild(YamlMapping owner)
    {
        if (instance.Build.IsEmpty) return owner;
        string own = owner.Value("build") is YamlScalar { IsNull: false } build ? build.Text : "";
        return owner.With("build", new YamlScalar(owner.Span, string.Join('\n', [.. instance.Build, own]), isPlain: false));
    }

    /// <summary>The node's own variables win over parameters, those over variables of module nodes.</summary>
    private YamlMapping WithEnvironment(YamlMapping node)
    {
        if (instance.Environment.IsEmpty && instance.Parameters.IsEmpty) return node;
        Dictionary<string, YamlEntry> variables = new(StringComparer.Ordinal);
        foreach (var entry in instance.Environment) variables[entry.Key.Text] = entry;
        foreach (var (name, value) in instance.Parameters)
        {
            string escaped = value.Text.Replace("$", "$$", StringComparison.Ordinal);
            YamlScalar key = new(value.Span, $"PARAM_{name}", isPlain: true);
            variables[key.Text] = new YamlEntry(key, new YamlScalar(value.Span, escaped, isPlain: escaped == value.Text && value.IsPlain));
        }

        foreach (var entry in Variables(node.Value("env"))) variables[entry.Key.Text] = entry;
        return node.With("env", new YamlMapping(node.Value("env")?.Span ?? node.Span, [.. variables.Values]));
    }
}
