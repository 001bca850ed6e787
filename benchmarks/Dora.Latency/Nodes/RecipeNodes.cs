// SPDX-License-Identifier: Apache-2.0

using Dora.Nodes;

namespace Dora.Latency.Nodes;

/// <summary>Source and sink of <see cref="Recipe"/>.</summary>
internal static class RecipeNodes
{
    public static void RunSource(DoraNode node, NodeSettings settings, ResultFile result)
    {
        var output = node.GetOutput("data");
        var total = 0L;
        foreach (var size in Recipe.Sizes)
        {
            var bytes = MessageBytes.Create(size);
            var next = Clock.Now;
            for (var n = 0; n < settings.Messages; n++)
            {
                next += Recipe.PeriodNs;
                Clock.SleepUntil(next);
                Send(bytes);
            }
        }

        foreach (var size in Recipe.Sizes)
        {
            Clock.SleepUntil(Clock.Now + Recipe.PauseNs / Recipe.Sizes.Length); // the sink takes what is queued
            var bytes = MessageBytes.Create(size);
            for (var n = Recipe.Burst(settings.Messages, size); n > 0; n--)
                Send(bytes);
            Send([0]);
        }

        result.Add("messages", total);

        void Send(ReadOnlySpan<byte> bytes)
        {
            if (output.Send(bytes) != SendStatus.Sent)
                throw new InvalidOperationException("A message was not sent.");
            total++;
        }
    }

    public static void RunSink(DoraNode node, NodeSettings settings, ResultFile result)
    {
        var total = 0L;
        var latencyNs = new long[Recipe.Sizes.Length * settings.Messages];
        latencyNs.AsSpan().Fill(-1); // touches the pages now
        for (var i = 0; i < latencyNs.Length; i++)
        {
            var message = Next();
            // The wall clock on both sides, as in the original: the time stamp in the metadata is of the moment of sending.
            latencyNs[i] = (long)(node.Timestamp() - message.Metadata.TimestampNs);
            if (message.Data.Length != Recipe.Sizes[i / settings.Messages])
                throw new InvalidOperationException($"Message {i} has {message.Data.Length} bytes.");
        }

        foreach (var size in Recipe.Sizes)
        {
            Next();
            var startNs = Clock.Now;
            for (var n = Recipe.Burst(settings.Messages, size); n > 0; n--)
                Next();
            result.Add($"elapsed_{size}_ns", Clock.Now - startNs);
        }

        result.Add("messages", total);
        result.Add(latencyNs);

        InputEvent Next()
        {
            total++;
            return node.Message();
        }
    }
}
