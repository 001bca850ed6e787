// SPDX-License-Identifier: Apache-2.0

using Dora.Dataflows.Graph;
using Dora.Protocol.Messages;

namespace Dora.Daemon.Shell;

/// <summary>A join as it is written on the wire.</summary>
internal static class JoinConfigs
{
    public static JoinConfig Of(JoinSettings join)
    {
        var config = new JoinConfig
        {
            // The wire's enumerations have 'unspecified' before what the graph's begin with.
            Mode = (Protocol.Messages.JoinMode)(join.Mode + 1),
            Stamp = (Protocol.Messages.JoinStamp)(join.Stamp + 1),
            OnTimeout = (Protocol.Messages.JoinTimeoutAction)(join.OnTimeout + 1),
            ToleranceNs = Ns(join.Tolerance),
            StampParameter = join.StampParameter ?? "",
            TimeoutNs = Ns(join.Timeout),
            Trigger = join.Trigger?.Value ?? "",
            MaxAgeNs = Ns(join.MaxAge),
            WindowCount = (uint)(join.WindowCount ?? 0),
            WindowNs = Ns(join.WindowDuration),
        };
        config.Inputs.AddRange(join.Inputs.Select(input => input.Value));
        config.Collected.AddRange(join.Collected.Select(input => input.Value));
        return config;
    }

    private static ulong Ns(TimeSpan? time) => time is { } t ? (ulong)t.TotalNanoseconds : 0;
}
