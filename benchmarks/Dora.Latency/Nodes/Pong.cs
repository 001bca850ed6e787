// SPDX-License-Identifier: Apache-2.0

using Dora.Nodes;

namespace Dora.Latency.Nodes;

/// <summary>Answers each message with one of the same size, made in the same way.</summary>
internal static class Pong
{
    public static void Run(DoraNode node, NodeSettings settings, ResultFile result)
    {
        MessageSender sender = new(node.GetOutput("pong"), settings);
        MessageReader reader = new(settings);
        Meter meter = new(watchDaemon: false);
        var (size, count, last) = (settings.Size, 0L, -1L);
        while (node.Recv() is { } e)
        {
            if (e is not InputEvent message)
                continue; // the end: of the input, then of the node
            if (message.Data.Length == size)
            {
                reader.Read(message);
                sender.Send();
                if (++count == last)
                    meter.Stop();
            }
            else
            {
                last = count + settings.Messages;
                meter.Start();
                sender.SendMarker();
            }
        }

        meter.WriteTo(result);
        reader.Check(count);
        result.Add("messages", count);
    }
}
