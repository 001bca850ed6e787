// SPDX-License-Identifier: Apache-2.0

namespace Dora.Daemon.Logs;

/// <summary>Replaces the values of secret environment variables wherever they turn up in text.</summary>
public sealed class SecretMask
{
    /// <summary>What a secret is replaced by.</summary>
    public const string Replacement = "***";

    // Shorter values ("1", "on") would blacken harmless text and are no secrets anyway.
    private const int SecretLengthMin = 4;
    private static readonly string[] NameParts = ["TOKEN", "SECRET", "PASSWORD", "PASSWD", "KEY", "CREDENTIAL"];

    private readonly string[] _secrets; // longest first: one may be a part of another

    /// <summary>Collects the secrets of an environment.</summary>
    public SecretMask(IEnumerable<KeyValuePair<string, string>> environment) => _secrets =
    [
        .. environment
            .Where(pair => IsSecretName(pair.Key))
            .SelectMany(pair => pair.Value.Split('\n').Append(pair.Value)) // a key in PEM form shows up line by line
            .Select(value => value.Trim())
            .Where(value => value.Length >= SecretLengthMin)
            .Distinct()
            .OrderByDescending(value => value.Length),
    ];

    /// <summary>Whether a variable of this name holds a secret.</summary>
    public static bool IsSecretName(string name) =>
        Array.Exists(NameParts, part => name.Contains(part, StringComparison.OrdinalIgnoreCase));

    /// <summary>The text without secrets.</summary>
    public string Apply(string text)
    {
        foreach (var secret in _secrets)
        {
            if (text.Contains(secret, StringComparison.Ordinal))
                text = text.Replace(secret, Replacement, StringComparison.Ordinal);
        }
        return text;
    }

    /// <summary>The entry without secrets.</summary>
    public LogEntry Apply(LogEntry entry) => _secrets.Length == 0 ? entry : entry with
    {
        Message = Apply(entry.Message),
        Target = entry.Target is null ? null : Apply(entry.Target),
        Fields = [.. entry.Fields.Select(f => new KeyValuePair<string, string>(Apply(f.Key), Apply(f.Value)))],
    };
}
