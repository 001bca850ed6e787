// SPDX-License-Identifier: Apache-2.0

using System.Diagnostics;
using Dora.Nodes;

namespace Dora.TestNodes.Behaviours;

/// <summary>Nodes with children.</summary>
internal static class Processes
{
    /// <summary>Leaves a grandchild behind, in a session of its own, that would live for an hour. <c>--marker</c> is its recognisable argument.</summary>
    public static int DoubleFork(Options options)
    {
        using var node = DoraNode.InitFromEnv();
        var marker = options.Text("marker", "3600");
        using var shell = Process.Start("/bin/sh", ["-c", $"setsid sleep {marker} & exit 0"]);
        shell.WaitForExit();
        if (options.Number("stay", 0) != 0)
        {
            while (node.Recv() is not null)
            {
            }
        }

        return 0;
    }
}
