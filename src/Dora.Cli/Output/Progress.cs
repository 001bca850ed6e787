// SPDX-License-Identifier: Apache-2.0

namespace Dora.Cli.Output;

/// <summary>Tells that something takes its time: a line that counts seconds on a terminal, one line before and one after elsewhere.</summary>
internal sealed class Progress : IAsyncDisposable
{
    private readonly string _what;
    private readonly Terminal _terminal;
    private readonly long _started = TimeProvider.System.GetTimestamp();
    private readonly ITimer? _timer;
    private bool _isDone; // guarded by the timer being disposed before it is read elsewhere

    public Progress(string what, Terminal terminal)
    {
        _what = what;
        _terminal = terminal;
        if (terminal.ErrorIsInteractive)
            _timer = TimeProvider.System.CreateTimer(_ => Show(), null, TimeSpan.Zero, TimeSpan.FromSeconds(1));
        else
            terminal.Error.WriteLine(what);
    }

    private TimeSpan Elapsed => TimeProvider.System.GetElapsedTime(_started);

    /// <summary>Ends the line.</summary>
    /// <param name="result">What was done; the time it took is added. Null: nothing to say.</param>
    public void Done(string? result)
    {
        _isDone = true;
        _timer?.Dispose();
        Clear();
        if (result is not null)
            _terminal.Error.WriteLine($"{result} in {Words.Duration(Elapsed)}");
    }

    public async ValueTask DisposeAsync()
    {
        if (_timer is not null)
            await _timer.DisposeAsync();
        if (!_isDone)
            Clear();
    }

    private void Show()
    {
        var line = $"{_what} … {Elapsed.TotalSeconds:0} s";
        _terminal.Error.Write($"\r\e[K{line[..Math.Min(line.Length, _terminal.Width - 1)]}");
    }

    private void Clear()
    {
        if (_timer is not null)
            _terminal.Error.Write("\r\e[K");
    }
}
