// SPDX-License-Identifier: Apache-2.0

using System.Text;
using BenchmarkDotNet.Attributes;
using Dora.Dataflows;

namespace Dora.Benchmarks;

/// <summary>From YAML to the resolved graph, all checks included.</summary>
[MemoryDiagnoser]
public class DescriptorBenchmarks
{
    private static readonly LoadOptions Options = new() { CheckFiles = false };

    private string _yaml = "";

    [Params(100, 10_000)]
    public int Nodes { get; set; }

    [GlobalSetup]
    public void SetUp()
    {
        var text = new StringBuilder("nodes:\n");
        for (var i = 0; i < Nodes; i++)
        {
            text.Append("  - id: node").Append(i).Append("\n    path: node.cs\n    outputs: [image, status]\n");
            if (i > 0)
                text.Append("    inputs:\n      image: node").Append(i - 1).Append("/image\n      tick: dora/timer/millis/50\n");
        }

        _yaml = text.ToString();
        if (Load() is 0)
            throw new InvalidOperationException("the descriptor is wrong");
    }

    [Benchmark]
    public int Load() => DescriptorLoader.LoadText(_yaml, "benchmark.yml", "/tmp", Options).Graph?.Nodes.Length ?? 0;
}
