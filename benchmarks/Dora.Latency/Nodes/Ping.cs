// SPDX-License-Identifier: Apache-2.0

using Dora.Nodes;

namespace Dora.Latency.Nodes;

/// <summary>Sends a message, waits for all answers, and again: half of each round trip is the latency.</summary>
internal static class Ping
{
    public static void Run(DoraNode node, NodeSettings settings, ResultFile result)
    {
        MessageSender sender = new(node.GetOutput("ping"), settings);
        MessageReader reader = new(settings);
        Meter meter = new(watchDaemon: true);
        var samples = new long[settings.Messages];
        samples.AsSpan().Fill(-1); // touches the pages now
        var answers = settings.Fan;

        var startNs = Clock.Now;
        Exchange();
        result.Add("first_ns", (Clock.Now - startNs) / 2);
        var warmups = 1;
        for (; warmups < settings.Warmup || Clock.Now - startNs < settings.WarmupNs; warmups++)
            Exchange();
        sender.SendMarker();
        for (var i = 0; i < answers; i++)
            node.Message();

        meter.Start();
        var sentNs = Clock.Now;
        for (var n = 0; n < samples.Length; n++)
        {
            Exchange();
            var nowNs = Clock.Now;
            samples[n] = nowNs - sentNs;
            sentNs = nowNs;
        }

        meter.Stop();
        meter.WriteTo(result);
        reader.Check((long)(warmups + samples.Length) * answers);
        result.Add("messages", warmups + samples.Length);
        for (var n = 0; n < samples.Length; n++)
            samples[n] /= 2;
        result.Add(samples);

        void Exchange()
        {
            sender.Send();
            for (var i = 0; i < answers; i++)
                reader.Read(node.Message());
        }
    }
}
