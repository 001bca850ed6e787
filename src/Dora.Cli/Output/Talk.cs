// SPDX-License-Identifier: Apache-2.0

namespace Dora.Cli.Output;

/// <summary>Lines on standard error, with at most one changing line below them on a terminal.</summary>
/// <remarks>Threading: any thread. A terminal that is gone (SIGHUP) makes it silent, never fail.</remarks>
internal sealed class Talk(Terminal terminal, bool isQuiet)
{
    private const string ClearLine = "\r\e[K";
    private readonly Lock _lock = new();
    private string? _status; // guarded by _lock

    /// <summary>Whether <see cref="Status"/> can be seen.</summary>
    public bool HasStatus => terminal.ErrorIsInteractive && !isQuiet;

    /// <summary>A line that only talkative runs show.</summary>
    public void Line(string text)
    {
        if (!isQuiet)
            Write(terminal.Error, text);
    }

    /// <summary>A line that is shown in any case.</summary>
    public void Always(string text) => Write(terminal.Error, text);

    /// <summary>Data: a line on standard output.</summary>
    public void Data(string text) => Write(terminal.Out, text);

    /// <summary>Replaces the changing line; null removes it.</summary>
    public void Status(string? text)
    {
        if (!HasStatus)
            return;
        lock (_lock)
        {
            if (text is null && _status is null)
                return;
            _status = text is null ? null : text[..Math.Min(text.Length, terminal.Width - 1)];
            Try(() => terminal.Error.Write(ClearLine + _status));
        }
    }

    private void Write(TextWriter to, string text)
    {
        lock (_lock)
        {
            Try(() =>
            {
                if (_status is not null)
                    terminal.Error.Write(ClearLine);
                to.WriteLine(text);
                if (_status is not null)
                    terminal.Error.Write(_status);
            });
        }
    }

    /// <summary>Writes several lines by other means; like all else here, in vain when nobody reads any more.</summary>
    public static void Try(Action write)
    {
        try
        {
            write();
        }
        catch (IOException)
        {
            // Nobody reads any more; the dataflow is worth more than the words.
        }
    }
}
