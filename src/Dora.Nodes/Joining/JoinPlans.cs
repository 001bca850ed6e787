// SPDX-License-Identifier: Apache-2.0

using System.Text;
using Wire = Dora.Protocol.Messages;

namespace Dora.Nodes.Joining;

/// <summary>Reads joins as they are on the wire.</summary>
internal static class JoinPlans
{
    /// <summary>The plan of a join.</summary>
    /// <param name="join">As the daemon sent it.</param>
    /// <param name="inputs">Those of the node or the operator.</param>
    public static JoinPlan Of(Wire.JoinConfig join, IEnumerable<Wire.InputConfig> inputs)
    {
        var byId = inputs.ToDictionary(input => input.InputId);
        return new JoinPlan
        {
            Mode = join.Mode switch
            {
                Wire.JoinMode.All => JoinMode.All,
                Wire.JoinMode.Any => JoinMode.Any,
                Wire.JoinMode.Zip => JoinMode.Zip,
                Wire.JoinMode.Latest => JoinMode.Latest,
                Wire.JoinMode.Exact => JoinMode.Exact,
                Wire.JoinMode.Approximate => JoinMode.Approximate,
                Wire.JoinMode.Deterministic => JoinMode.Deterministic,
                Wire.JoinMode.Window => JoinMode.Window,
                _ => throw new ArgumentException($"the daemon asks for a join of mode {join.Mode}, which this library does not know; update it", nameof(join)),
            },
            Inputs = [.. join.Inputs.Concat(join.Collected).Select(id => ToInput(byId[id]))],
            MemberCount = join.Inputs.Count,
            Trigger = Math.Max(0, join.Inputs.IndexOf(join.Trigger)),
            ToleranceNs = Limit(join.ToleranceNs),
            TimeoutNs = Limit(join.TimeoutNs),
            OnTimeout = join.OnTimeout switch
            {
                Wire.JoinTimeoutAction.Drop => JoinTimeoutAction.Drop,
                Wire.JoinTimeoutAction.Error => JoinTimeoutAction.Error,
                _ => JoinTimeoutAction.Partial,
            },
            Stamp = join.Stamp switch
            {
                Wire.JoinStamp.Arrival => JoinStamp.Arrival,
                Wire.JoinStamp.Parameter => JoinStamp.Parameter,
                _ => JoinStamp.Source,
            },
            StampParameter = [.. Encoding.UTF8.GetBytes(join.StampParameter)],
            MaxAgeNs = Limit(join.MaxAgeNs),
            WindowCount = (int)Math.Min(join.WindowCount, int.MaxValue),
            WindowNs = Limit(join.WindowNs),
        };
    }

    /// <summary>What a join did, for the daemon.</summary>
    /// <param name="join">It.</param>
    /// <param name="operatorId">Whose; empty: the node's.</param>
    /// <param name="isFinal">Whether what waits counts as dropped because the receiver ended.</param>
    public static Wire.JoinReport Report<T>(Joiner<T> join, string operatorId, bool isFinal)
    {
        var report = new Wire.JoinReport
        {
            OperatorId = operatorId,
            CompleteSets = join.CompleteSets,
            PartialSets = join.PartialSets,
            TimedOutSets = join.TimedOutSets,
        };
        for (var i = 0; i < join.Plan.Inputs.Length; i++)
        {
            var counts = join.Counts(i);
            report.Inputs.Add(new Wire.JoinInputCounts
            {
                InputId = join.Plan.Inputs[i].Id,
                Offered = counts.Offered,
                Used = counts.Used,
                Superseded = counts[JoinDrop.Superseded],
                Unmatched = counts[JoinDrop.Unmatched],
                TimedOut = counts[JoinDrop.TimedOut],
                Late = counts[JoinDrop.Late],
                QueueFull = counts[JoinDrop.QueueFull],
                NoStamp = counts[JoinDrop.NoStamp],
                Ended = counts[JoinDrop.Ended] + (isFinal ? (ulong)join.WaitingIn(i) : 0),
            });
        }

        return report;
    }

    private static JoinInput ToInput(Wire.InputConfig input) => new(
        input.InputId,
        (int)Math.Clamp(input.QueueSize, 1, 1_000_000),
        input.QueuePolicy == Wire.QueuePolicy.Backpressure);

    private static long Limit(ulong ns) => ns is 0 or > long.MaxValue ? JoinPlan.Unlimited : (long)ns;
}
