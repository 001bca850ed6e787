// SPDX-License-Identifier: Apache-2.0

using System.Runtime.CompilerServices;
using System.Text;

namespace Dora.SimulationTests.DaemonCore;

/// <summary>Text of a rule that is only put together when the rule is broken: millions of rules hold, and text is what they would cost.</summary>
[InterpolatedStringHandler]
internal readonly ref struct RuleText
{
    private readonly StringBuilder? _text;

    public RuleText(int literalLength, int formattedCount, bool holds, out bool isNeeded)
    {
        isNeeded = !holds;
        _text = holds ? null : new StringBuilder(literalLength + (formattedCount * 16));
    }

    public void AppendLiteral(string text) => _text!.Append(text);

    public void AppendFormatted<T>(T value) => _text!.Append(value);

    public override string ToString() => _text?.ToString() ?? "";
}
