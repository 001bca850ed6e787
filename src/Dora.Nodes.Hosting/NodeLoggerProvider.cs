// SPDX-License-Identifier: Apache-2.0

using System.Globalization;
using Microsoft.Extensions.Logging;

namespace Dora.Nodes.Hosting;

/// <summary>Sends the host's log records to the dataflow's log. Records from before the node is there are left to other providers.</summary>
[ProviderAlias("Dora")]
internal sealed class NodeLoggerProvider(HostedNode hosted) : ILoggerProvider
{
    public ILogger CreateLogger(string categoryName) => new NodeLogger(hosted, categoryName);

    public void Dispose()
    {
    }

    private sealed class NodeLogger(HostedNode hosted, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel != LogLevel.None && hosted.TryGet(out _);

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (logLevel == LogLevel.None || !hosted.TryGet(out var node))
                return;
            var message = formatter(state, exception);
            node.Log(LevelOf(logLevel), exception is null ? message : $"{message}\n{exception}", category, FieldsOf(eventId, state));
        }

        private static List<KeyValuePair<string, string>>? FieldsOf<TState>(EventId eventId, TState state)
        {
            List<KeyValuePair<string, string>>? fields = null;
            if (eventId.Id != 0)
                (fields = []).Add(new("event_id", eventId.Id.ToString(CultureInfo.InvariantCulture)));
            if (state is not IReadOnlyList<KeyValuePair<string, object?>> values)
                return fields;
            foreach (var (key, value) in values)
            {
                if (key != "{OriginalFormat}") // the message without its values
                    (fields ??= []).Add(new(key, Convert.ToString(value, CultureInfo.InvariantCulture) ?? ""));
            }

            return fields;
        }

        private static NodeLogLevel LevelOf(LogLevel level) => level switch
        {
            LogLevel.Trace => NodeLogLevel.Trace,
            LogLevel.Debug => NodeLogLevel.Debug,
            LogLevel.Information => NodeLogLevel.Info,
            LogLevel.Warning => NodeLogLevel.Warn,
            _ => NodeLogLevel.Error,
        };
    }
}
