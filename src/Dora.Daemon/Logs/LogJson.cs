// SPDX-License-Identifier: Apache-2.0

using System.Buffers;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Dora.Daemon.Logs;

/// <summary>Writes entries as JSON, one line each: {timestamp, level, node, message, target, fields}.</summary>
internal static class LogJson
{
    // Leaves letters of all languages as they are; control characters are always escaped in JSON.
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, SkipValidation = true };

    public static void Write(IBufferWriter<byte> output, LogEntry entry)
    {
        using (var json = new Utf8JsonWriter(output, Options))
        {
            json.WriteStartObject();
            json.WriteString("timestamp", FormatTimestamp(entry.TimestampNs));
            json.WriteString("level", entry.Level);
            json.WriteString("node", entry.Node.Value);
            json.WriteString("message", entry.Message);
            if (entry.Target is not null)
                json.WriteString("target", entry.Target);
            if (!entry.Fields.IsDefaultOrEmpty)
            {
                json.WriteStartObject("fields");
                foreach (var (name, value) in entry.Fields)
                    json.WriteString(name, value);
                json.WriteEndObject();
            }
            json.WriteEndObject();
        }
        output.Write("\n"u8);
    }

    /// <summary>RFC 3339 in UTC with nanoseconds.</summary>
    internal static string FormatTimestamp(ulong unixNs)
    {
        var seconds = DateTimeOffset.FromUnixTimeSeconds((long)Math.Min(unixNs / 1_000_000_000, 253_402_300_799)); // up to the year 9999
        return string.Create(CultureInfo.InvariantCulture, $"{seconds:yyyy-MM-ddTHH:mm:ss}.{unixNs % 1_000_000_000:d9}Z");
    }
}
