// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;
using Dora.Protocol;
using Dora.Protocol.Messages;

namespace Dora.Daemon.Logs;

/// <summary>Log records that came over a node's socket, cut to what a line of standard output could have been.</summary>
internal static class RecordEntry
{
    public const int TargetCharactersMax = 256;
    public const int FieldsMax = 64;

    /// <summary>Makes an entry; all its texts together have at most twice <see cref="LineSplitter.LineBytesMax"/> characters.</summary>
    public static LogEntry Of(NodeId node, LogRecord record, ulong nowNs) => new(
        node,
        LogLevels.Of(record.Level),
        Cut(record.Message, LineSplitter.LineBytesMax),
        record.Target.Length == 0 ? null : Cut(record.Target, TargetCharactersMax),
        record.TimestampNs == 0 ? nowNs : record.TimestampNs,
        Fields(record));

    private static ImmutableArray<KeyValuePair<string, string>> Fields(LogRecord record)
    {
        if (record.Fields.Count == 0)
            return [];
        var fields = ImmutableArray.CreateBuilder<KeyValuePair<string, string>>(Math.Min(record.Fields.Count, FieldsMax));
        var left = LineSplitter.LineBytesMax;
        foreach (var (name, value) in record.Fields)
        {
            if (fields.Count == FieldsMax || left <= 0)
                break;
            var (shortName, shortValue) = (Cut(name, TargetCharactersMax), Cut(value, left));
            fields.Add(new(shortName, shortValue));
            left -= shortName.Length + shortValue.Length;
        }

        return fields.ToImmutable();
    }

    private static string Cut(string text, int max)
    {
        if (text.Length <= max)
            return text;
        var length = char.IsHighSurrogate(text[max - 1]) ? max - 1 : max; // never half a character
        return $"{text.AsSpan(0, length)} [… {text.Length - length} characters cut]";
    }
}
