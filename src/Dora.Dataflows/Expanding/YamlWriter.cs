// SPDX-License-Identifier: Apache-2.0

using System.Globalization;
using System.Text;
using Dora.Dataflows.Yaml;

namespace Dora.Dataflows.Expanding;

/// <summary>Writes a tree as block YAML that reads back the same.</summary>
internal sealed class YamlWriter
{
    private readonly StringBuilder _text = new();

    public static string Write(YamlMapping root)
    {
        YamlWriter writer = new();
        writer.Mapping(root, indent: 0, firstIsIndented: false);
        return writer._text.ToString();
    }

    /// <param name="mapping">Not empty, except at the top.</param>
    /// <param name="indent">Of its keys.</param>
    /// <param name="firstIsIndented">Whether the first key stands behind a dash already.</param>
    private void Mapping(YamlMapping mapping, int indent, bool firstIsIndented)
    {
        foreach (var (key, value) in mapping.Entries)
        {
            if (!firstIsIndented) _text.Append(' ', indent);
            firstIsIndented = false;
            _text.Append(Inline(key)).Append(':');
            Value(value, indent);
        }
    }

    private void Value(YamlNode value, int indent)
    {
        switch (value)
        {
            case YamlMapping { Entries.Count: > 0 } mapping:
                _text.Append('\n');
                Mapping(mapping, indent + 2, firstIsIndented: false);
                break;
            case YamlSequence { Items.Count: > 0 } sequence when sequence.Items.All(i => i is YamlScalar):
                _text.Append(" [").AppendJoin(", ", sequence.Items.Select(i => Inline((YamlScalar)i))).Append("]\n");
                break;
            case YamlSequence { Items.Count: > 0 } sequence:
                _text.Append('\n');
                foreach (var item in sequence.Items) Item(item, indent + 2);
                break;
            case YamlScalar scalar when IsBlock(scalar.Text):
                Block(scalar.Text, indent + 2);
                break;
            case YamlScalar scalar:
                _text.Append(' ').Append(Inline(scalar)).Append('\n');
                break;
            default:
                _text.Append(value is YamlMapping ? " {}\n" : " []\n");
                break;
        }
    }

    /// <summary>Several lines that need no quoting: shell lines, mostly.</summary>
    private static bool IsBlock(string text) =>
        text.Length > 2 && text.IndexOf('\n', StringComparison.Ordinal) is > 0 and int end && end < text.Length - 1
        && text[0] is not (' ' or '#' or '\uFEFF') && !text.EndsWith("\n\n", StringComparison.Ordinal) && text.All(c => c == '\n' || c is >= ' ' and <= '~');

    private void Block(string text, int indent)
    {
        bool endsLine = text.EndsWith('\n');
        _text.Append(endsLine ? " |\n" : " |-\n");
        foreach (string line in (endsLine ? text[..^1] : text).Split('\n'))
        {
            if (line.Length > 0) _text.Append(' ', indent).Append(line);
            _text.Append('\n');
        }
    }

    private void Item(YamlNode item, int indent)
    {
        _text.Append(' ', indent).Append('-');
        if (item is YamlMapping { Entries.Count: > 0 } mapping)
        {
            _text.Append(' ');
            Mapping(mapping, indent + 2, firstIsIndented: true);
        }
        else
        {
            Value(item, indent);
        }
    }

    /// <summary>Plain only where that is safe in a flow list, too; double quotes otherwise.</summary>
    private static string Inline(YamlScalar scalar)
    {
        if (scalar.IsNull) return "null";
        if (scalar.IsPlain && scalar.Text.All(IsPlain) && !scalar.Text.StartsWith('-') && !scalar.Text.EndsWith(':')) return scalar.Text;
        if (scalar.Kind is ScalarKind.Integer or ScalarKind.Float or ScalarKind.Boolean) return scalar.Text;
        if (scalar.Text.Length > 0 && scalar.Text.All(IsPlain) && char.IsAsciiLetter(scalar.Text[0]) && PlainScalar.KindOf(scalar.Text) == ScalarKind.Text && !scalar.Text.EndsWith(':')) return scalar.Text;
        return Quote(scalar.Text);
    }

    private static bool IsPlain(char c) => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.' or '/' or '+' or '$' or '=';

    private static string Quote(string text)
    {
        StringBuilder quoted = new("\"");
        foreach (char c in text)
        {
            quoted.Append(c switch
            {
                '"' => "\\\"",
                '\\' => "\\\\",
                '\n' => "\\n",
                '\t' => "\\t",
                < ' ' or (>= '\x7f' and <= '\xa0') or '\u2028' or '\u2029' or '\ufeff' => string.Create(CultureInfo.InvariantCulture, $"\\u{(int)c:x4}"),
                _ => c.ToString(),
            });
        }

        return quoted.Append('"').ToString();
    }
}
