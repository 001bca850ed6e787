// SPDX-License-Identifier: Apache-2.0

using Dora.Nodes;

namespace Dora.TestNodes.Behaviours;

/// <summary>Nodes that write.</summary>
internal static class Logs
{
    /// <summary><c>--lines</c> of <c>--length</c> bytes to standard output (or <c>--to</c> stderr, or api: as records); <c>--binary 1</c>: of all byte values, without line ends.</summary>
    public static int Flood(Options options)
    {
        using var node = DoraNode.InitFromEnv();
        if (options.Text("to", "stdout") == "api")
        {
            for (var left = options.Number("lines", 100_000); left > 0; left--)
                node.Log(NodeLogLevel.Info, "spam");
            node.Log(NodeLogLevel.Error, "the end of the flood");
            return 0;
        }

        using var stream = options.Text("to", "stdout") == "stderr" ? Console.OpenStandardError() : Console.OpenStandardOutput();
        var line = new byte[options.Number("length", 80) + 1];
        var isBinary = options.Number("binary", 0) != 0;
        for (var i = 0; i < line.Length; i++)
            line[i] = isBinary ? (byte)((byte)i == '\n' ? 0 : i) : (byte)('a' + (i % 26));
        if (!isBinary)
            line[^1] = (byte)'\n';
        for (var left = options.Number("lines", 100_000); left > 0; left--)
            stream.Write(line);
        stream.Write("\nthe end of the flood\n"u8);
        return 0;
    }

    /// <summary>One line of each level as JSON, one that only looks like JSON, one of terminal escapes; then one of each level through the API.</summary>
    public static int PrintJson(Options options)
    {
        _ = options;
        using var node = DoraNode.InitFromEnv();
        foreach (var level in new[] { "error", "warn", "info", "debug", "trace" })
        {
            Console.WriteLine(
                $$"""{"timestamp":"2026-01-02T03:04:05.678Z","level":"{{level}}","message":"json {{level}}","target":"test.json","fields":{"n":"1"} }""");
        }

        Console.WriteLine("{\"level\": \"info\", \"message\": not json at all");
        Console.WriteLine("\u001b[31mred\u001b[0m and a bell \a");
        foreach (var level in Enum.GetValues<NodeLogLevel>())
            node.Log(level, $"api {level.ToString().ToLowerInvariant()}", "test.api", new Dictionary<string, string> { ["n"] = "2" });
        return 0;
    }
}
