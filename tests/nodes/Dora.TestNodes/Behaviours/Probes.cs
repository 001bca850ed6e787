// SPDX-License-Identifier: Apache-2.0

using System.Collections;
using Apache.Arrow;
using Dora.Nodes;

namespace Dora.TestNodes.Behaviours;

/// <summary>Nodes that measure or show something about themselves.</summary>
internal static class Probes
{
    /// <summary>Receives, and sends on if it has an output; says how many bytes were allocated per message after the first <c>--warm</c>.</summary>
    public static int Allocation(Options options)
    {
        using var node = DoraNode.InitFromEnv();
        var warm = options.Number("warm", 500);
        var count = options.Number("count", 2000);
        var output = node.Config.Outputs.Length > 0 ? node.GetOutput(node.Config.Outputs[0]) : null;
        long before = 0;
        long received = 0;
        while (received < warm + count && node.Recv() is { } e)
        {
            if (e is not InputEvent input)
                continue;
            if (received++ == warm)
                before = GC.GetAllocatedBytesForCurrentThread();
            output?.Send(input.Data, input.Metadata);
        }

        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        var result = new ResultFile(options.TryText("result"))
        {
            ["counted"] = $"{received - warm}",
            ["allocated"] = $"{allocated}",
            ["collections"] = $"{GC.CollectionCount(0)}",
        };
        result.Write();
        return received == warm + count && allocated == 0 ? 0 : 1;
    }

    /// <summary>At each tick an array of int64, of float32 with a null, and of text, on outputs of those names.</summary>
    public static int ArrowSource(Options options)
    {
        using var node = DoraNode.InitFromEnv();
        var count = options.Number("count", 10);
        for (var i = 0; i < count && node.Recv() is { } e;)
        {
            if (e is not InputEvent)
                continue;
            node.SendOutput("int64", new Int64Array.Builder().AppendRange(Enumerable.Range(i, 1000).Select(n => (long)n)).Build());
            node.SendOutput("float32", new FloatArray.Builder().Append(i).AppendNull().Append(0.5f).Build());
            node.SendOutput("text", new StringArray.Builder().Append($"message {i}").AppendNull().Build());
            i++;
        }

        return 0;
    }

    /// <summary>Checks what <see cref="ArrowSource"/> sends.</summary>
    public static int ArrowSink(Options options)
    {
        using var node = DoraNode.InitFromEnv();
        var result = new ResultFile(options.TryText("result"));
        while (node.Recv() is { } e)
        {
            if (e is not InputEvent input)
                continue;
            result.Add($"received.{input.Id}");
            var isRight = input.Data.AsArrow() switch
            {
                Int64Array { Length: 1000 } numbers => input.Id == "int64" && numbers.GetValue(999) == numbers.GetValue(0) + 999,
                FloatArray { Length: 3, NullCount: 1 } floats => input.Id == "float32" && floats.IsNull(1) && floats.GetValue(2) == 0.5f,
                StringArray { Length: 2 } texts => input.Id == "text" && texts.IsNull(1) && texts.GetString(0).StartsWith("message ", StringComparison.Ordinal),
                _ => false,
            };
            if (!isRight)
                result.Problem($"{input.Id}: wrong array");
        }

        result["ended"] = "1";
        result.Write();
        return result.Number("problems") == 0 ? 0 : 1;
    }

    /// <summary>Prints its arguments and environment, for tests that look for secrets where none belong.</summary>
    public static int PrintEnvironment(Options options)
    {
        _ = options;
        using var node = DoraNode.InitFromEnv();
        Console.WriteLine($"arguments: {string.Join(' ', Environment.GetCommandLineArgs().Skip(1))}");
        Console.WriteLine($"folder: {Environment.CurrentDirectory}");
        foreach (DictionaryEntry variable in Environment.GetEnvironmentVariables())
            Console.WriteLine($"env: {variable.Key}={variable.Value}");
        foreach (var fd in Directory.GetFiles("/proc/self/fd"))
            Console.WriteLine($"fd: {Path.GetFileName(fd)} -> {new FileInfo(fd).LinkTarget}");
        return 0;
    }
}
