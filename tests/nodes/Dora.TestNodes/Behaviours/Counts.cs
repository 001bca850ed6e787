// SPDX-License-Identifier: Apache-2.0

using Dora.Nodes;

namespace Dora.TestNodes.Behaviours;

/// <summary>Nodes that read what the operator of Dora.StatefulOperator counts.</summary>
internal static class Counts
{
    /// <summary>Fails if a number does not grow: then somebody saw a count that was lost afterwards.</summary>
    public static int Growing(Options options)
    {
        using var node = DoraNode.InitFromEnv();
        var result = new ResultFile(options.TryText("result"));
        var last = long.MinValue;
        while (node.Recv() is { } received)
        {
            if (received is InputEvent input)
            {
                var number = BitConverter.ToInt64(input.Data.Span);
                if (number <= last)
                    result.Problem($"number {number} came after {last}");
                last = number;
                result["last"] = $"{last}";
                result.Add("received");
            }

            result.WriteNowAndThen();
        }

        result.Write();
        return result.Number("problems") == 0 ? 0 : 1;
    }
}
