// SPDX-License-Identifier: Apache-2.0

using Dora.Nodes;

namespace Dora.Latency.Nodes;

/// <summary>Waits for messages that do not come.</summary>
internal static class Idler
{
    public static void Run(DoraNode node, NodeSettings settings, ResultFile result)
    {
        Meter meter = new(watchDaemon: node.Id == "talker");
        node.Recv(TimeSpan.FromMilliseconds(Math.Max(2_000, settings.Number("warmup_ms")))); // the start is over, and what was compiled at first is compiled better
        meter.Start();
        node.Recv(TimeSpan.FromMilliseconds(settings.Number("window_ms")));
        meter.Stop();
        meter.WriteTo(result);
        result.Add("messages", 0);
    }
}
