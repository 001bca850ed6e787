// SPDX-License-Identifier: Apache-2.0

using System.Globalization;
using System.Runtime.InteropServices;
using Dora.Latency.Nodes;

namespace Dora.Latency.Running;

/// <summary>What one node has measured.</summary>
internal sealed class NodeResult
{
    private readonly Dictionary<string, long> _values;

    private NodeResult(Dictionary<string, long> values, long[] samples) => (_values, Samples) = (values, samples);

    public long[] Samples { get; }

    public long this[string name] => _values[name];

    public bool Has(string name) => _values.ContainsKey(name);

    /// <exception cref="BenchmarkFailedException">The node has written none.</exception>
    public static NodeResult Read(string folder, string node)
    {
        var path = ResultFile.TextPath(folder, node);
        if (!File.Exists(path))
            throw new BenchmarkFailedException($"Node {node} has ended without a result.");
        var values = File.ReadLines(path).Select(line => line.Split(' '))
            .ToDictionary(words => words[0], words => long.Parse(words[1], CultureInfo.InvariantCulture));
        var samples = MemoryMarshal.Cast<byte, long>(File.ReadAllBytes(ResultFile.SamplesPath(folder, node))).ToArray();
        return new NodeResult(values, samples);
    }
}
