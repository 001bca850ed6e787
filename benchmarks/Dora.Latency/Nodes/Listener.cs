// SPDX-License-Identifier: Apache-2.0

using Dora.Nodes;

namespace Dora.Latency.Nodes;

/// <summary>Receives what <see cref="Talker"/> sends.</summary>
internal static class Listener
{
    /// <summary>Stamps each message when it is there.</summary>
    public static void RunPaced(DoraNode node, NodeSettings settings, ResultFile result)
    {
        MessageReader reader = new(settings);
        Meter meter = new(watchDaemon: false);
        var receivedNs = new long[settings.Messages];
        receivedNs.AsSpan().Fill(-1); // touches the pages now

        var first = node.Message();
        result.Add("first_received_ns", Clock.Now);
        reader.Read(first);
        var warmups = WarmUp(node, settings, reader) + 1;
        meter.Start();
        for (var n = 0; n < receivedNs.Length; n++)
        {
            var message = node.Message();
            receivedNs[n] = Clock.Now;
            reader.Read(message);
        }

        meter.Stop();
        End(node, settings, reader, meter, warmups, result);
        result.Add(receivedNs);
    }

    /// <summary>Only counts.</summary>
    public static void RunFlatOut(DoraNode node, NodeSettings settings, ResultFile result)
    {
        MessageReader reader = new(settings);
        Meter meter = new(watchDaemon: false);
        while (!File.Exists(FullQueues(settings)))
            Clock.SleepUntil(Clock.Now + 1_000_000);

        var warmups = WarmUp(node, settings, reader);
        meter.Start();
        for (var n = settings.Messages; n > 0; n--)
            reader.Read(node.Message());
        meter.Stop();
        End(node, settings, reader, meter, warmups, result);
    }

    /// <summary>The file that says that every queue is full.</summary>
    public static string FullQueues(NodeSettings settings) => Path.Combine(settings.Folder, "queues-are-full");

    private static long WarmUp(DoraNode node, NodeSettings settings, MessageReader reader)
    {
        for (var count = 0L; ; count++)
        {
            var message = node.Message();
            if (message.Data.Length != settings.Size)
                return count;
            reader.Read(message);
        }
    }

    private static void End(DoraNode node, NodeSettings settings, MessageReader reader, Meter meter, long warmups, ResultFile result)
    {
        meter.WriteTo(result);
        var count = warmups + settings.Messages;
        reader.Check(count);
        while (node.Recv() is { } e)
        {
            if (e is InputEvent)
                count++; // more than were sent: the runner will say so
        }

        result.Add("messages", count);
    }
}
