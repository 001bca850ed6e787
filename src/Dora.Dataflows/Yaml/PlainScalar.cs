// SPDX-License-Identifier: Apache-2.0

using System.Globalization;

namespace Dora.Dataflows.Yaml;

/// <summary>The YAML 1.2 core schema: <c>yes</c> and <c>on</c> are text, <c>0o17</c> is octal, <c>010</c> is ten.</summary>
internal static class PlainScalar
{
    public static ScalarKind KindOf(string text) => text switch
    {
        "" or "~" or "null" or "Null" or "NULL" => ScalarKind.Null,
        "true" or "True" or "TRUE" or "false" or "False" or "FALSE" => ScalarKind.Boolean,
        _ when TryInteger(text, out _) => ScalarKind.Integer,
        _ when IsHugeInteger(text) => ScalarKind.Integer,
        _ when TryFloat(text, out _) => ScalarKind.Float,
        _ => ScalarKind.Text,
    };

    public static bool IsTrue(string text) => text is "true" or "True" or "TRUE";

    public static bool TryInteger(string text, out long value)
    {
        value = 0;
        if (text.StartsWith("0x", StringComparison.Ordinal))
            return long.TryParse(text.AsSpan(2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out value) && value >= 0;
        if (text.StartsWith("0o", StringComparison.Ordinal)) return TryOctal(text.AsSpan(2), out value);
        return IsDigits(text) && long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value);
    }

    /// <summary>Also takes integers, and <c>.inf</c> and <c>.nan</c>.</summary>
    public static bool TryFloat(string text, out double value)
    {
        value = 0;
        switch (text)
        {
            case ".inf" or ".Inf" or ".INF" or "+.inf" or "+.Inf" or "+.INF":
                value = double.PositiveInfinity;
                return true;
            case "-.inf" or "-.Inf" or "-.INF":
                value = double.NegativeInfinity;
                return true;
            case ".nan" or ".NaN" or ".NAN":
                value = double.NaN;
                return true;
        }

        if (text.Length == 0 || !text.Any(char.IsAsciiDigit)) return false;
        if (text.Any(c => !char.IsAsciiDigit(c) && c is not ('+' or '-' or '.' or 'e' or 'E'))) return false;
        const NumberStyles Style = NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint | NumberStyles.AllowExponent;
        return double.TryParse(text, Style, CultureInfo.InvariantCulture, out value);
    }

    private static bool IsDigits(string text)
    {
        var digits = text.AsSpan(text.Length > 0 && text[0] is '+' or '-' ? 1 : 0);
        return digits.Length > 0 && digits.IndexOfAnyExceptInRange('0', '9') < 0;
    }

    private static bool IsHugeInteger(string text) => IsDigits(text);

    private static bool TryOctal(ReadOnlySpan<char> digits, out long value)
    {
        value = 0;
        if (digits.Length is 0 or > 20) return false;
        foreach (char c in digits)
        {
            if (c is < '0' or > '7') return false;
            value = (value << 3) + (c - '0');
        }

        return value >= 0;
    }
}
