// SPDX-License-Identifier: Apache-2.0

namespace Dora.Dataflows.Diagnostics;

/// <summary>The text of one file and the name it goes by in messages.</summary>
/// <param name="displayPath">As the user wrote it, or as a module was named.</param>
/// <param name="text">All of it.</param>
/// <param name="directory">Absolute; where relative paths in this file start.</param>
internal sealed class SourceText(string displayPath, string text, string directory)
{
    private List<int>? _lineStarts;

    public string DisplayPath { get; } = displayPath;

    public string Text { get; } = text;

    public string Directory { get; } = directory;

    /// <summary>Whether it may be used several times: a place in it is then reported once, whichever use it is about.</summary>
    public bool IsModule { get; init; }

    /// <summary>The whole file: what a finding points to that has no better place.</summary>
    public SourceSpan Start => new(this, 1, 1, 2);

    /// <summary>The text of a 1-based line, without its end; empty past the last one.</summary>
    public string Line(int line)
    {
        _lineStarts ??= FindLineStarts(Text);
        if (line < 1 || line > _lineStarts.Count) return "";
        int start = _lineStarts[line - 1];
        int end = line < _lineStarts.Count ? _lineStarts[line] : Text.Length;
        return Text[start..end].TrimEnd('\r', '\n');
    }

    private static List<int> FindLineStarts(string text)
    {
        List<int> starts = [0];
        for (int i = 0; i < text.Length; i++)
        {
            // The YAML reader counts a lone carriage return as a line end too.
            bool ends = text[i] == '\n' || (text[i] == '\r' && (i + 1 == text.Length || text[i + 1] != '\n'));
            if (ends) starts.Add(i + 1);
        }

        return starts;
    }
}

/// <summary>A stretch of one line of one file; line and columns are 1-based, <paramref name="EndColumn"/> is exclusive.</summary>
internal readonly record struct SourceSpan(SourceText Source, int Line, int Column, int EndColumn);
