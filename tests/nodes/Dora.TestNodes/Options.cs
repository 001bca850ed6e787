// SPDX-License-Identifier: Apache-2.0

using System.Globalization;

namespace Dora.TestNodes;

/// <summary><c>--name value</c> pairs, or the environment variable <c>TEST_NAME</c> of the same meaning.</summary>
internal sealed class Options
{
    private readonly Dictionary<string, string> _values = [];

    public Options(ReadOnlySpan<string> arguments)
    {
        for (var i = 0; i < arguments.Length; i += 2)
        {
            if (!arguments[i].StartsWith("--", StringComparison.Ordinal) || i + 1 == arguments.Length)
                throw new ArgumentException($"expected --name value at '{arguments[i]}'");
            _values[arguments[i][2..]] = arguments[i + 1];
        }
    }

    public string Text(string name, string fallback) => TryText(name) ?? fallback;

    public string? TryText(string name) => _values.TryGetValue(name, out var value)
        ? value
        : Environment.GetEnvironmentVariable("TEST_" + name.Replace('-', '_').ToUpperInvariant());

    public long Number(string name, long fallback) =>
        TryText(name) is { } text ? long.Parse(text, CultureInfo.InvariantCulture) : fallback;

    public int[] Numbers(string name, int fallback) =>
        TryText(name) is { } text ? [.. text.Split(',').Select(part => int.Parse(part, CultureInfo.InvariantCulture))] : [fallback];

    public TimeSpan Milliseconds(string name, long fallback) => TimeSpan.FromMilliseconds(Number(name, fallback));
}
