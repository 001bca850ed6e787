// SPDX-License-Identifier: Apache-2.0

using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;

namespace Dora.Latency.Nodes;

/// <summary>What a node tells the runner, in the folder of the dataflow: numbers as text, samples as raw 64-bit integers.</summary>
internal sealed class ResultFile(string folder, string node)
{
    private readonly StringBuilder _text = new();
    private long[] _samples = [];

    public static string TextPath(string folder, string node) => Path.Combine(folder, $"{node}.result");

    public static string SamplesPath(string folder, string node) => Path.Combine(folder, $"{node}.samples");

    public void Add(string name, long value) => _text.Append(CultureInfo.InvariantCulture, $"{name} {value}\n");

    public void Add(long[] samples) => _samples = samples;

    /// <summary>Writes both files. A node that never comes here has failed.</summary>
    public void Write()
    {
        File.WriteAllBytes(SamplesPath(folder, node), MemoryMarshal.AsBytes(_samples.AsSpan()));
        File.WriteAllText(TextPath(folder, node), _text.ToString());
    }
}
