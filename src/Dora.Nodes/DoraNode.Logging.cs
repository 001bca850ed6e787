// SPDX-License-Identifier: Apache-2.0

using Dora.Protocol;
using Wire = Dora.Protocol.Messages;

namespace Dora.Nodes;

/// <summary>How grave a log record is.</summary>
public enum NodeLogLevel
{
    /// <summary>Something failed.</summary>
    Error,

    /// <summary>Something is not as it should be.</summary>
    Warn,

    /// <summary>What an operator of the system wants to read.</summary>
    Info,

    /// <summary>For whoever looks for a defect.</summary>
    Debug,

    /// <summary>Every step.</summary>
    Trace,
}

/// <content>Log records with level, category and fields. Plain lines can as well be written to the console: the daemon collects both.</content>
public sealed partial class DoraNode
{
    /// <summary>Longest record, all parts together.</summary>
    private const int LogBytesMax = 64 * 1024;

    /// <summary>Sends a record to the daemon's log. May wait while the daemon is slow; records of a lost daemon go to standard error.</summary>
    /// <param name="level">How grave it is.</param>
    /// <param name="message">For people. Cut off after 64 KiB.</param>
    /// <param name="target">Category, for filters; null: none.</param>
    /// <param name="fields">Values that belong to it; left out when they exceed 60 KiB.</param>
    public void Log(
        NodeLogLevel level, string message, string? target = null, IReadOnlyCollection<KeyValuePair<string, string>>? fields = null)
    {
        ArgumentNullException.ThrowIfNull(message);
        var record = new Wire.LogRecord
        {
            TimestampNs = UnixTime.ToNs(_time.GetUtcNow()),
            Level = (Wire.LogLevel)((int)level + 1),
            Message = message.Length <= LogBytesMax / 3 ? message : message[..(LogBytesMax / 3)],
            Target = target ?? "",
        };
        foreach (var (key, value) in fields ?? [])
            record.Fields[key] = value;
        if (record.Fields.Count > 0 && record.CalculateSize() > LogBytesMax - 4096)
            record.Fields.Clear();
        if (!_link.TrySend(new Wire.NodeToDaemon { Log = record }))
            Console.Error.WriteLine($"{level}: {record.Message}");
    }

    /// <summary>Logs at <see cref="NodeLogLevel.Error"/>.</summary>
    public void LogError(string message, string? target = null) => Log(NodeLogLevel.Error, message, target);

    /// <summary>Logs at <see cref="NodeLogLevel.Warn"/>.</summary>
    public void LogWarn(string message, string? target = null) => Log(NodeLogLevel.Warn, message, target);

    /// <summary>Logs at <see cref="NodeLogLevel.Info"/>.</summary>
    public void LogInfo(string message, string? target = null) => Log(NodeLogLevel.Info, message, target);

    /// <summary>Logs at <see cref="NodeLogLevel.Debug"/>.</summary>
    public void LogDebug(string message, string? target = null) => Log(NodeLogLevel.Debug, message, target);

    /// <summary>Logs at <see cref="NodeLogLevel.Trace"/>.</summary>
    public void LogTrace(string message, string? target = null) => Log(NodeLogLevel.Trace, message, target);
}
