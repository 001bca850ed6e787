// SPDX-License-Identifier: Apache-2.0

using Dora.Nodes;

namespace Dora.Runtime.Host;

/// <summary>Where log records of foreign operators go. Threads: any.</summary>
internal static class OperatorLog
{
    private static volatile DoraNode? s_node;

    /// <summary>From now on to the dataflow's log; before, to standard error.</summary>
    public static void LogTo(DoraNode node) => s_node = node;

    /// <param name="level">0 (error) to 4 (trace); others count as the nearest.</param>
    /// <param name="target">The operator, and a category within it.</param>
    /// <param name="message">For people.</param>
    public static void Write(int level, string target, string message)
    {
        var known = (NodeLogLevel)Math.Clamp(level, (int)NodeLogLevel.Error, (int)NodeLogLevel.Trace);
        if (s_node is { } node)
            node.Log(known, message, target);
        else
            Console.Error.WriteLine($"{target}: {known}: {message}");
    }
}
