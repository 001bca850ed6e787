// SPDX-License-Identifier: Apache-2.0

using System.Text.Json;
using Dora.Cli.Output;
using Dora.Daemon;

namespace Dora.Cli.Running;

/// <summary>The closing report for programs. Names are an interface: add, never rename.</summary>
internal static class ReportJson
{
    public static void Write(DataflowReport report, TextWriter to) => JsonText.Write(to, json =>
    {
        json.WriteStartObject();
        json.WriteString("id", report.Id.ToString());
        json.WriteBoolean("succeeded", report.Succeeded);
        json.WriteNumber("durationSeconds", report.Duration.TotalSeconds);
        json.WritePropertyName("firstFailure");
        Write(report.FirstFailure, json);
        json.WriteStartArray("nodes");
        foreach (var node in report.Nodes)
            Write(node, json);
        json.WriteEndArray();
        json.WriteStartArray("edges");
        foreach (var edge in report.Edges)
            Write(edge, json);
        json.WriteEndArray();
        json.WriteStartArray("operatorTimings");
        foreach (var op in report.OperatorTimings)
            Write(op, json);
        json.WriteEndArray();
        json.WriteStartArray("joins");
        foreach (var join in report.Joins)
            Write(join, json);
        json.WriteEndArray();
        json.WriteEndObject();
    });

    private static void Write(OperatorTimingReport op, Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("node", op.Node.Value);
        json.WriteString("operator", op.Operator.Value);
        json.WriteNumber("handled", op.Handled);
        json.WriteNumber("missed", op.Missed);
        json.WriteNumber("expired", op.Expired);
        json.WriteNumber("overBudget", op.OverBudget);
        json.WriteNumber("worstNs", op.WorstNs);
        json.WriteEndObject();
    }

    private static void Write(NodeFailure? failure, Utf8JsonWriter json)
    {
        if (failure is null)
        {
            json.WriteNullValue();
            return;
        }

        json.WriteStartObject();
        json.WriteString("node", failure.Node.Value);
        json.WriteString("message", failure.Message);
        json.WriteString("causedBy", failure.CausedBy?.Value);
        json.WriteEndObject();
    }

    private static void Write(NodeReport node, Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("node", node.Node.Value);
        json.WriteBoolean("failed", node.Failed);
        json.WriteString("exit", node.Exit);
        json.WriteString("causedBy", node.CausedBy?.Value);
        json.WriteNumber("restarts", node.Restarts);
        json.WriteNumber("cpuSeconds", node.CpuTime.TotalSeconds);
        json.WriteNumber("maxRssBytes", node.MaxRssBytes);
        json.WriteEndObject();
    }

    private static void Write(JoinReport join, Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("owner", join.Owner);
        json.WriteString("mode", join.Mode.ToString().ToLowerInvariant());
        json.WriteNumber("sets", join.Sets);
        json.WriteNumber("partialSets", join.PartialSets);
        json.WriteNumber("timedOutSets", join.TimedOutSets);
        json.WriteNumber("used", join.Used);
        json.WriteNumber("dropped", join.Dropped);
        json.WriteNumber("superseded", join.Superseded);
        json.WriteNumber("unmatched", join.Unmatched);
        json.WriteNumber("timedOut", join.TimedOut);
        json.WriteNumber("late", join.Late);
        json.WriteNumber("queueFull", join.QueueFull);
        json.WriteNumber("noStamp", join.NoStamp);
        json.WriteNumber("ended", join.Ended);
        json.WriteEndObject();
    }

    private static void Write(EdgeReport edge, Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteString("source", edge.Source);
        json.WriteString("target", edge.Target);
        json.WriteBoolean("inProcess", edge.IsInProcess);
        json.WriteNumber("sent", edge.Sent);
        json.WriteNumber("received", edge.Received);
        json.WriteNumber("dropped", edge.Dropped);
        json.WriteNumber("droppedOldest", edge.DroppedOldest);
        json.WriteNumber("droppedFull", edge.DroppedFull);
        json.WriteNumber("droppedPool", edge.DroppedPool);
        json.WriteNumber("droppedExpired", edge.DroppedExpired);
        json.WriteNumber("lost", edge.Lost);
        json.WriteNumber("bytes", edge.Bytes);
        WriteNumber("ageP50Ns", edge.AgeP50Ns);
        WriteNumber("ageP99Ns", edge.AgeP99Ns);
        json.WriteEndObject();

        void WriteNumber(string name, long? value)
        {
            if (value is { } number)
                json.WriteNumber(name, number);
            else
                json.WriteNull(name);
        }
    }
}
