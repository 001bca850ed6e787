// SPDX-License-Identifier: Apache-2.0

using Dora.Nodes;

namespace Dora.Latency.Nodes;

/// <summary>The nodes' side of this program: <c>Dora.Latency node ROLE name=value…</c>, started by <c>dora run</c>.</summary>
internal static class NodeProgram
{
    public static int Run(string role, NodeSettings settings)
    {
        var mainNs = Clock.Now;
        Clock.Check();
        using var node = DoraNode.InitFromEnv();
        var readyNs = Clock.Now;
        ResultFile result = new(settings.Folder, node.Id);
        result.Add("main_ns", mainNs);
        result.Add("ready_ns", readyNs);
        using var ballast = Ballast.Start(settings.AllocatePerSecond);
        switch (role)
        {
            case "ping":
                Ping.Run(node, settings, result);
                break;
            case "pong":
                Pong.Run(node, settings, result);
                break;
            case "talker":
                Talker.RunPaced(node, settings, result);
                break;
            case "listener":
                Listener.RunPaced(node, settings, result);
                break;
            case "pump":
                Talker.RunFlatOut(node, settings, result);
                break;
            case "sink":
                Listener.RunFlatOut(node, settings, result);
                break;
            case "idler":
                Idler.Run(node, settings, result);
                break;
            case "recipe-source":
                RecipeNodes.RunSource(node, settings, result);
                break;
            case "recipe-sink":
                RecipeNodes.RunSink(node, settings, result);
                break;
            case "first":
                FirstMessage.Run(node, result);
                break;
            default:
                throw new UsageException($"There is no role '{role}'.");
        }

        result.Write();
        return 0;
    }
}
