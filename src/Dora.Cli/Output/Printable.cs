// SPDX-License-Identifier: Apache-2.0

using System.Text;

namespace Dora.Cli.Output;

/// <summary>Lines of other programs, made safe for this terminal: no escape sequences, nothing that moves the cursor.</summary>
internal static class Printable
{
    public static string Of(string line)
    {
        if (!line.Any(IsUnsafe))
            return line;
        StringBuilder safe = new(line.Length + 16);
        foreach (var c in line)
        {
            if (IsUnsafe(c))
                safe.Append($"\\u{(int)c:x4}");
            else
                safe.Append(c);
        }

        return safe.ToString();
    }

    private static bool IsUnsafe(char c) => char.IsControl(c) && c != '\t';
}
