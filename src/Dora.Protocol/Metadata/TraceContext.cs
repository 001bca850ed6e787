// SPDX-License-Identifier: Apache-2.0

using System.Diagnostics;

namespace Dora.Protocol;

/// <summary>Trace context in parameters: W3C's two strings, and dora's one string with the same content.</summary>
public static class TraceContext
{
    /// <summary>Reads the trace context of a message; false when there is none or it is not well formed (a foreign trace must not break us).</summary>
    public static bool TryGetTraceContext(this MetadataParameters parameters, out ActivityContext context)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        var parent = parameters.GetString(WellKnownParameters.TraceParent);
        var state = parameters.GetString(WellKnownParameters.TraceState);
        if (parent is null && parameters.GetString(WellKnownParameters.OpenTelemetryContext) is { } carrier)
        {
            parent = Find(carrier, WellKnownParameters.TraceParent);
            state = Find(carrier, WellKnownParameters.TraceState);
        }

        return ActivityContext.TryParse(parent, state, isRemote: true, out context);
    }

    /// <summary>Puts a trace context in, in both forms.</summary>
    public static void SetTraceContext(this MetadataParameters parameters, ActivityContext context)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        var parent = $"00-{context.TraceId}-{context.SpanId}-{(int)context.TraceFlags:x2}";
        parameters[WellKnownParameters.TraceParent] = parent;
        parameters[WellKnownParameters.TraceState] = string.IsNullOrEmpty(context.TraceState) ? null : context.TraceState;
        parameters[WellKnownParameters.OpenTelemetryContext] = $"traceparent:{parent};tracestate:{context.TraceState};";
    }

    // "key:value;key:value;": values of these two keys contain neither ';' nor, before the value, ':'.
    private static string? Find(string carrier, string key)
    {
        foreach (var entry in carrier.Split(';'))
        {
            var colon = entry.IndexOf(':');
            if (colon >= 0 && entry.AsSpan(0, colon).SequenceEqual(key))
            {
                return entry[(colon + 1)..];
            }
        }

        return null;
    }
}
