// SPDX-License-Identifier: Apache-2.0

using System.Globalization;
using System.Text.Json.Nodes;
using Dora.Dataflows.Yaml;

namespace Dora.UnitTests.Dataflows;

/// <summary>A tree as JSON, the way editors hand YAML to a schema.</summary>
internal static class YamlJson
{
    public static JsonNode? Of(YamlNode node) => node switch
    {
        YamlMapping mapping => new JsonObject(mapping.Entries.Select(e => KeyValuePair.Create(e.Key.Text, Of(e.Value)))),
        YamlSequence sequence => new JsonArray([.. sequence.Items.Select(Of)]),
        YamlScalar { Kind: ScalarKind.Null } => null,
        YamlScalar { Kind: ScalarKind.Boolean } scalar => JsonValue.Create(PlainScalar.IsTrue(scalar.Text)),
        YamlScalar { Kind: ScalarKind.Integer } scalar => PlainScalar.TryInteger(scalar.Text, out long value)
            ? JsonValue.Create(value)
            : JsonValue.Create(double.Parse(scalar.Text, CultureInfo.InvariantCulture)), // too large for the validator's integers
        YamlScalar { Kind: ScalarKind.Float } scalar => Float(scalar.Text),
        YamlScalar scalar => JsonValue.Create(scalar.Text),
        _ => throw new NotSupportedException(),
    };

    /// <summary>JSON has no infinity; what is out of range stays out of range.</summary>
    private static JsonValue Float(string text)
    {
        PlainScalar.TryFloat(text, out double value);
        return JsonValue.Create(double.IsFinite(value) && Math.Abs(value) < 1e28 ? value : -1e28);
    }
}
