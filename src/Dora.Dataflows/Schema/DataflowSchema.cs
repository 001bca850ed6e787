// SPDX-License-Identifier: Apache-2.0

using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using Dora.Dataflows.Keys;
using Dora.Dataflows.Parsing;

namespace Dora.Dataflows.Schema;

/// <summary>The JSON schema of a descriptor, generated from the same keys that the parser checks against.</summary>
/// <remarks>Editors complete and check with it. It says what values look like; what they refer to only the parser knows.</remarks>
public static class DataflowSchema
{
    /// <summary>JSON text, indented, with a line end at its end; the same each time.</summary>
    public static string Generate()
    {
        SchemaWriter writer = new();
        var root = writer.Definition(DataflowKeys.Dataflow);
        JsonObject schema = new()
        {
            ["$schema"] = "http://json-schema.org/draft-07/schema#",
            ["title"] = "dora dataflow",
            ["description"] = "A graph of nodes and operators that dora runs.",
        };
        foreach (var (key, value) in root.ToArray())
        {
            root.Remove(key);
            schema[key] = value;
        }

        schema["definitions"] = writer.Definitions;
        using MemoryStream bytes = new();
        using (Utf8JsonWriter json = new(bytes, new JsonWriterOptions { Indented = true, NewLine = "\n", Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
            schema.WriteTo(json);
        return Encoding.UTF8.GetString(bytes.ToArray()) + "\n";
    }
}

/// <summary>Turns shapes into schema fragments.</summary>
internal sealed class SchemaWriter
{
    private const string DurationPattern = "^\\s*\\+?([0-9]+\\.?[0-9]*|\\.[0-9]+)([eE][+-]?[0-9]+)?\\s*(ns|us|µs|μs|ms|s|secs?|m|min|h)?\\s*$";
    private const string SizePattern = "^\\s*\\+?([0-9]+\\.?[0-9]*|\\.[0-9]+)([eE][+-]?[0-9]+)?\\s*([bB]|[kKmMgG]([iI]?[bB])?)?\\s*$";

    private readonly SortedDictionary<string, JsonObject> _definitions = new(StringComparer.Ordinal);

    public JsonObject Definitions => new(_definitions.Select(d => KeyValuePair.Create(d.Key, (JsonNode?)d.Value)));

    public JsonObject Definition(KeySet keys)
    {
        JsonObject properties = [];
        foreach (var key in keys.Keys)
        {
            properties[key.Name] = Property(key, isOldName: false);
            if (key.OldName is { } old) properties[old.Name] = Property(key, isOldName: true);
        }

        JsonObject schema = new() { ["type"] = "object", ["additionalProperties"] = false, ["properties"] = properties };
        string[] required = [.. keys.Keys.Where(k => k.IsRequired).Select(k => k.Name)];
        if (required.Length > 0) schema["required"] = Strings(required);
        return schema;
    }

    private JsonObject Property(Key key, bool isOldName)
    {
        // Siblings of a $ref are ignored by draft 7 readers, hence the list of one.
        var shape = Of(key.Shape);
        JsonObject property = shape.ContainsKey("$ref") ? new JsonObject { ["allOf"] = new JsonArray(shape) } : shape;
        string notYet = key.NotYet is null ? "" : "Not supported yet. ";
        property["description"] = isOldName ? $"Old spelling of `{key.Name}`." : notYet + key.Summary;
        if (isOldName || key.Old is not null) property["deprecated"] = true;
        return property;
    }

    private JsonObject Of(ValueShape shape) => shape switch
    {
        TextShape text => text.MayBeEmpty ? Type("string") : new JsonObject { ["type"] = "string", ["pattern"] = "\\S" },
        SourceShape => new JsonObject { ["type"] = "string", ["pattern"] = "^[^/\\s]+/[^/\\s]+(/[^/\\s]+){0,2}$" },
        ScalarShape => new JsonObject { ["type"] = Strings(["string", "number", "boolean"]) },
        IdShape => new JsonObject { ["type"] = "string", ["pattern"] = IdRules.Pattern },
        BooleanShape => Type("boolean"),
        IntegerShape integer => new JsonObject { ["type"] = "integer", ["minimum"] = integer.Min, ["maximum"] = integer.Max },
        DurationShape duration => Quantity(DurationPattern, duration.MayBeZero),
        ByteSizeShape => Quantity(SizePattern, mayBeZero: false),
        ChoiceShape choice => new JsonObject { ["enum"] = Strings(choice.Words) },
        ListShape list => List(list),
        MapShape map => Map(map),
        EitherShape either => new JsonObject { ["anyOf"] = new JsonArray([.. either.Shapes.Select(Of)]) },
        KeysShape keys => Reference(keys.Keys),
        _ => [],
    };

    private JsonObject Reference(KeySet keys)
    {
        if (!_definitions.ContainsKey(keys.Name))
        {
            _definitions[keys.Name] = []; // stops a definition that contains itself
            _definitions[keys.Name] = Definition(keys);
        }

        return new JsonObject { ["$ref"] = $"#/definitions/{keys.Name}" };
    }

    private JsonObject List(ListShape list)
    {
        JsonObject schema = new() { ["type"] = "array", ["items"] = Of(list.Item) };
        if (!list.MayBeEmpty) schema["minItems"] = 1;
        return schema;
    }

    private JsonObject Map(MapShape map)
    {
        string? pattern = map.Keys switch
        {
            MapKeys.Id => IdRules.Pattern,
            MapKeys.EnvironmentVariable => EnvironmentRules.Pattern,
            MapKeys.Parameter => "^[A-Za-z0-9_]{1,64}$",
            _ => null,
        };
        return pattern is null
            ? new JsonObject { ["type"] = "object", ["additionalProperties"] = Of(map.Value) }
            : new JsonObject { ["type"] = "object", ["additionalProperties"] = false, ["patternProperties"] = new JsonObject { [pattern] = Of(map.Value) } };
    }

    private static JsonObject Quantity(string pattern, bool mayBeZero)
    {
        JsonObject number = Type("number");
        number[mayBeZero ? "minimum" : "exclusiveMinimum"] = 0;
        return new JsonObject { ["anyOf"] = new JsonArray(number, new JsonObject { ["type"] = "string", ["pattern"] = pattern }) };
    }

    private static JsonObject Type(string type) => new() { ["type"] = type };

    private static JsonArray Strings(IEnumerable<string> values) => [.. values.Select(v => (JsonNode)JsonValue.Create(v))];
}
