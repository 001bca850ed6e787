// SPDX-License-Identifier: Apache-2.0

using Dora.Nodes;

namespace Dora.Latency.Nodes;

/// <summary>Sends one message, or receives it: how long a dataflow needs to get there.</summary>
internal static class FirstMessage
{
    public static void Run(DoraNode node, ResultFile result)
    {
        if (node.HasOutput("data"))
        {
            result.Add("first_sent_ns", Clock.Now);
            node.SendOutput("data", "first"u8);
        }
        else
        {
            node.Message();
            result.Add("first_received_ns", Clock.Now);
        }

        result.Add("messages", 1);
    }
}
