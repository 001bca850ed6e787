// SPDX-License-Identifier: Apache-2.0

using System.Text;

namespace Dora.TestNodes;

/// <summary>What a node found out, for the test to read: <c>name=value</c> lines, replaced as a whole, also while the node runs.</summary>
internal sealed class ResultFile(string? path)
{
    private const long WriteEveryMs = 500;

    private readonly SortedDictionary<string, string> _values = [];
    private long _writtenAtMs;

    public string this[string name]
    {
        set => _values[name] = value;
    }

    public void Add(string name, long count = 1) => _values[name] = $"{Number(name) + count}";

    public long Number(string name) => _values.TryGetValue(name, out var value) ? long.Parse(value) : 0;

    /// <summary>The first few are kept in full; all are counted.</summary>
    public void Problem(string text)
    {
        Add("problems");
        if (Number("problems") <= 10)
            _values[$"problem.{Number("problems")}"] = text.ReplaceLineEndings(" ");
        Console.Error.WriteLine(text);
    }

    public void WriteNowAndThen()
    {
        var now = Environment.TickCount64;
        if (now - _writtenAtMs >= WriteEveryMs)
            Write();
    }

    public void Write()
    {
        _writtenAtMs = Environment.TickCount64;
        if (path is null)
            return;
        var text = new StringBuilder();
        foreach (var (name, value) in _values)
            text.Append(name).Append('=').Append(value).Append('\n');
        var temporary = $"{path}.{Environment.ProcessId}";
        File.WriteAllText(temporary, text.ToString());
        File.Move(temporary, path, overwrite: true);
    }
}
