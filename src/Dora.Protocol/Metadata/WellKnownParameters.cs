// SPDX-License-Identifier: Apache-2.0

namespace Dora.Protocol;

/// <summary>Keys of parameters that have a meaning to dora.</summary>
public static class WellKnownParameters
{
    /// <summary>W3C trace context: <c>00-trace-span-flags</c>.</summary>
    public const string TraceParent = "traceparent";

    /// <summary>W3C trace context: vendor entries.</summary>
    public const string TraceState = "tracestate";

    /// <summary>dora's own carrier of the same: <c>traceparent:…;tracestate:…;</c>.</summary>
    public const string OpenTelemetryContext = "open_telemetry_context";

    /// <summary>Pairs a request with its reply; a message that has it is never dropped silently.</summary>
    public const string RequestId = "request_id";

    /// <summary>Ties the messages of one action together; a message that has it is never dropped silently.</summary>
    public const string GoalId = "goal_id";

    /// <summary>True: the operator, or the instance before it, failed with this very message.</summary>
    public const string Redelivered = "redelivered";
}
