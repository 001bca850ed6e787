// SPDX-License-Identifier: Apache-2.0

namespace Dora.Dataflows.Parsing;

/// <summary>What a name may look like.</summary>
internal static class IdRules
{
    public const int MaxLength = 64;

    /// <summary>The same rule for the JSON schema.</summary>
    public const string Pattern = "^(?!\\.)[A-Za-z0-9_.-]{1,64}$";

    /// <summary>Null when the name is fine, else what is wrong with it: fits after "but".</summary>
    public static string? Problem(string id)
    {
        if (id.Length == 0) return "it is empty";
        if (id.Length > MaxLength) return $"it is {id.Length} characters long, more than {MaxLength}";
        if (id[0] == '.') return "it starts with a dot";
        foreach (char c in id)
        {
            if (!char.IsAsciiLetterOrDigit(c) && c is not ('_' or '-' or '.')) return $"it holds {Diagnostics.Quoted.Text(c.ToString())}";
        }

        return null;
    }

    /// <summary>The nearest name that is allowed, to suggest.</summary>
    public static string Repaired(string id)
    {
        char[] repaired = [.. id.Select(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.' ? c : '_').Take(MaxLength)];
        string name = new string(repaired).TrimStart('.');
        return name.Length > 0 ? name : "name";
    }
}
