// SPDX-License-Identifier: Apache-2.0

using Dora.Nodes;

namespace Dora.Latency.Nodes;

/// <summary>Sends messages, at a pace or as fast as all receivers take them.</summary>
internal static class Talker
{
    public static void RunPaced(DoraNode node, NodeSettings settings, ResultFile result)
    {
        MessageSender sender = new(node.GetOutput("data"), settings);
        Meter meter = new(watchDaemon: true);
        var sentNs = new long[settings.Messages];
        sentNs.AsSpan().Fill(-1); // touches the pages now
        var periodNs = settings.PeriodNs;

        var startNs = Clock.Now;
        result.Add("first_sent_ns", startNs);
        sender.Send();
        var warmups = 1;
        var next = startNs + periodNs;
        for (; warmups < settings.Warmup || Clock.Now - startNs < settings.WarmupNs; warmups++, next += periodNs)
        {
            Clock.SleepUntil(next);
            sender.Send();
        }

        Clock.SleepUntil(next);
        sender.SendMarker();
        meter.Start();
        for (var n = 0; n < sentNs.Length; n++)
        {
            next += periodNs;
            Clock.SleepUntil(next);
            sentNs[n] = Clock.Now;
            sender.Send();
        }

        meter.Stop();
        meter.WriteTo(result);
        result.Add("messages", warmups + sentNs.Length);
        result.Add(sentNs);
    }

    public static void RunFlatOut(DoraNode node, NodeSettings settings, ResultFile result)
    {
        MessageSender sender = new(node.GetOutput("data"), settings);
        Meter meter = new(watchDaemon: true);

        // Nobody receives until every queue is full: then the pool has its final size before anything is measured.
        var warmups = 0;
        while (sender.TrySend())
            warmups++;
        sender.Reserve(settings.Fan + 1); // what each receiver will hold, and what is being written
        File.WriteAllText(Listener.FullQueues(settings), "");

        var startNs = Clock.Now;
        for (; warmups < settings.Warmup || Clock.Now - startNs < settings.WarmupNs; warmups++)
            sender.Send();
        sender.SendMarker();
        meter.Start();
        for (var n = settings.Messages; n > 0; n--)
            sender.Send();
        meter.Stop();
        meter.WriteTo(result);
        result.Add("messages", warmups + settings.Messages);
    }
}
