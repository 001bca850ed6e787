// SPDX-License-Identifier: Apache-2.0

namespace Dora.Daemon.Logs;

/// <summary>The last lines that were written, for reports of failures. Threading: any thread.</summary>
internal sealed class LineTail
{
    private const int LinesMax = 20;
    private const int LineCharactersMax = 400;

    private readonly Lock _gate = new();
    private readonly Queue<string> _lines = new(); // under _gate

    public void Add(string line)
    {
        if (line.Length > LineCharactersMax)
            line = string.Concat(line.AsSpan(0, LineCharactersMax), "…");
        lock (_gate)
        {
            if (_lines.Count == LinesMax)
                _lines.Dequeue();
            _lines.Enqueue(line);
        }
    }

    /// <summary>A new process starts with a clean slate.</summary>
    public void Clear()
    {
        lock (_gate)
            _lines.Clear();
    }

    public override string ToString()
    {
        lock (_gate)
            return string.Join('\n', _lines);
    }
}
