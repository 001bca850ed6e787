// SPDX-License-Identifier: Apache-2.0

using Dora.Protocol;

namespace Dora.Nodes.Joining;

/// <summary>Finds a message's stamp.</summary>
internal static class JoinStamps
{
    /// <summary>False: it has none.</summary>
    /// <param name="plan">What is wanted.</param>
    /// <param name="sentNs">When the message was sent.</param>
    /// <param name="nowNs">Monotonic.</param>
    /// <param name="encoded">Its metadata; a private copy.</param>
    /// <param name="stamp">The stamp.</param>
    public static bool TryFind(JoinPlan plan, ulong sentNs, long nowNs, ReadOnlySpan<byte> encoded, out long stamp)
    {
        stamp = plan.Stamp == JoinStamp.Arrival ? nowNs : Clamp(sentNs);
        return plan.Stamp != JoinStamp.Parameter || TryFind(encoded, plan.StampParameter.AsSpan(), out stamp);
    }

    /// <summary>The same for a message whose metadata is not encoded.</summary>
    public static bool TryFind(JoinPlan plan, ulong sentNs, long nowNs, MetadataParameters parameters, string key, out long stamp)
    {
        stamp = plan.Stamp == JoinStamp.Arrival ? nowNs : Clamp(sentNs);
        if (plan.Stamp != JoinStamp.Parameter)
            return true;
        if (!parameters.TryGetValue(key, out var value))
            return false;
        switch (value.Kind)
        {
            case ParameterKind.Integer:
                stamp = value.AsInteger;
                return true;
            case ParameterKind.Timestamp:
                stamp = Clamp(value.AsTimestampNs);
                return true;
            default:
                return false;
        }
    }

    private static bool TryFind(ReadOnlySpan<byte> encoded, ReadOnlySpan<byte> key, out long stamp)
    {
        stamp = 0;
        if (!MetadataReader.TryFind(encoded, key, out var parameter))
            return false;
        switch (parameter.Kind)
        {
            case ParameterKind.Integer:
                stamp = parameter.Integer;
                return true;
            case ParameterKind.Timestamp:
                stamp = Clamp(parameter.TimestampNs);
                return true;
            default:
                return false;
        }
    }

    private static long Clamp(ulong ns) => (long)Math.Min(ns, long.MaxValue);
}
