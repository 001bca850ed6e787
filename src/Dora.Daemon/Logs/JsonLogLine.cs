// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;
using System.Globalization;
using System.Text.Json;
using Dora.Protocol;

namespace Dora.Daemon.Logs;

/// <summary>Reads lines that are JSON objects {timestamp, level, message, target, fields}, as loggers of many languages write them.</summary>
internal static class JsonLogLine
{
    private const int FieldsMax = 64;
    private static readonly JsonDocumentOptions Options = new() { MaxDepth = 16 };

    /// <summary>Null if the line is anything else: then it is a plain line.</summary>
    public static LogEntry? TryParse(NodeId node, ReadOnlySpan<byte> line, ulong nowNs)
    {
        line = line.Trim((byte)' ');
        if (line is not [(byte)'{', .., (byte)'}'])
            return null;
        try
        {
            using var document = JsonDocument.Parse(line.ToArray(), Options);
            return Read(node, document.RootElement, nowNs);
        }
        catch (JsonException)
        {
            return null;
        }
        catch (InvalidOperationException) // a string that is no valid UTF-16 once unescaped
        {
            return null;
        }
    }

    private static LogEntry? Read(NodeId node, JsonElement root, ulong nowNs)
    {
        string? level = null, message = null, target = null;
        var timestampNs = nowNs;
        var fields = ImmutableArray.CreateBuilder<KeyValuePair<string, string>>();
        foreach (var property in root.EnumerateObject())
        {
            switch (property.Name)
            {
                case "level" when property.Value.ValueKind == JsonValueKind.String:
                    level = LogLevels.Normalize(property.Value.GetString()!);
                    break;
                case "message" or "msg":
                    message = Text(property.Value);
                    break;
                case "target" or "logger":
                    target = Text(property.Value);
                    break;
                case "timestamp" or "time":
                    timestampNs = Timestamp(property.Value) ?? nowNs;
                    break;
                case "fields" when property.Value.ValueKind == JsonValueKind.Object:
                    foreach (var field in property.Value.EnumerateObject())
                    {
                        if (field.Name == "message" && message is null) // where Rust's tracing puts it
                            message = Text(field.Value);
                        else if (fields.Count < FieldsMax)
                            fields.Add(new(field.Name, Text(field.Value)));
                    }
                    break;
                default:
                    if (fields.Count < FieldsMax)
                        fields.Add(new(property.Name, Text(property.Value)));
                    break;
            }
        }
        return level is null || message is null ? null : new LogEntry(node, level, message, target, timestampNs, fields.ToImmutable());
    }

    private static string Text(JsonElement value) => value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText();

    private static ulong? Timestamp(JsonElement value) =>
        value.ValueKind == JsonValueKind.String
        && DateTimeOffset.TryParse(value.GetString(), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
            ? UnixTime.ToNs(time)
            : null;
}
