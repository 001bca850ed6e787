// SPDX-License-Identifier: Apache-2.0

using System.Globalization;

namespace Dora.Latency.Nodes;

/// <summary>What the runner tells a node: <c>name=value</c> arguments.</summary>
internal sealed class NodeSettings(IEnumerable<string> arguments)
{
    private readonly Dictionary<string, string> _values = arguments.Select(a => a.Split('=', 2)).ToDictionary(a => a[0], a => a[1]);

    /// <summary>Where results go.</summary>
    public string Folder => _values["folder"];

    public int Size => (int)Number("size");

    public Fill Fill => Enum.Parse<Fill>(_values["fill"], ignoreCase: true);

    /// <summary>How many subscribers the publisher has.</summary>
    public int Fan => (int)Number("fan");

    /// <summary>Measured messages.</summary>
    public int Messages => (int)Number("messages");

    /// <summary>Messages before them, at least.</summary>
    public int Warmup => (int)Number("warmup");

    /// <summary>Time before them, at least: the just-in-time compiler has its own pace.</summary>
    public long WarmupNs => Number("warmup_ms") * 1_000_000;

    public long PeriodNs => Number("period_ns");

    /// <summary>Bytes to allocate a second on another thread, to make the garbage collector work.</summary>
    public long AllocatePerSecond => Number("allocate");

    public string Text(string name) => _values[name];

    public long Number(string name) => _values.TryGetValue(name, out var text) ? long.Parse(text, CultureInfo.InvariantCulture) : 0;
}
