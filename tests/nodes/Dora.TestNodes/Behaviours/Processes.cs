// SPDX-License-Identifier: Apache-2.0

using System.Diagnostics;
using System.Runtime.InteropServices;
using Dora.Nodes;

namespace Dora.TestNodes.Behaviours;

/// <summary>Nodes with children.</summary>
internal static class Processes
{
    /// <summary>Touches more and more memory outside of the garbage collector's, until the kernel has had enough.</summary>
    public static unsafe int EatMemory(Options options)
    {
        _ = options;
        using var node = DoraNode.InitFromEnv();
        const int Chunk = 16 << 20;
        while (true)
        {
            // SAFETY: a fresh block of just that size; never freed, that is the point.
            NativeMemory.Fill(NativeMemory.Alloc(Chunk), Chunk, 1);
        }
    }

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
