// SPDX-License-Identifier: Apache-2.0

namespace Dora.Daemon.Logs;

/// <summary>One node's <c>log_&lt;node&gt;.jsonl</c>: appended to, rotated by size, and never a reason to stop a dataflow.</summary>
/// <remarks>
/// <para>When writing fails, what could not be written is counted and dropped, and tried again once a second. A line that was written
/// in part is taken back first, so that the file always consists of whole lines.</para>
/// <para>Threading: one thread.</para>
/// </remarks>
internal sealed class LogFile : IDisposable
{
    private const int BufferBytes = 64 << 10;
    private static readonly TimeSpan RetryInterval = TimeSpan.FromSeconds(1);

    private readonly string _path;
    private readonly long _maxBytes;
    private readonly int _maxRotated;
    private readonly TimeProvider _time;
    private readonly Func<string, FileStream> _open;
    private readonly MemoryStream _buffer = new(BufferBytes);
    private FileStream? _file;
    private long _goodLength;   // of the file, in whole lines
    private bool _mayHoldTornLine; // a write failed: what lies behind _goodLength is half a line
    private long _bufferedLines;
    private long? _failedAt;    // timestamp of the last failure; null: all is well

    public LogFile(string path, long maxBytes, int maxRotated, TimeProvider time, Func<string, FileStream>? open = null)
    {
        _path = path;
        _maxBytes = maxBytes;
        _maxRotated = maxRotated;
        _time = time;
        _open = open ?? OpenForAppend;
    }

    /// <summary>Called once when writing begins to fail, with the reason.</summary>
    public Action<string>? Failing { get; set; }

    /// <summary>Called when writing works again, with the number of lines that were lost.</summary>
    public Action<long>? Recovered { get; set; }

    /// <summary>Lines lost since the file began to fail.</summary>
    public long LostLines { get; private set; }

    /// <summary>Appends a whole line, its end included. Reaches the file at the next <see cref="Flush"/> or when the buffer is full.</summary>
    public void Append(ReadOnlySpan<byte> line)
    {
        if (_goodLength + _buffer.Length + line.Length > _maxBytes && _goodLength + _buffer.Length > 0)
        {
            Flush();
            Rotate();
        }
        _buffer.Write(line);
        _bufferedLines++;
        if (_buffer.Length >= BufferBytes)
            Flush();
    }

    /// <summary>Writes what is buffered.</summary>
    public void Flush()
    {
        if (_bufferedLines == 0)
            return;
        if (_failedAt is { } since && _time.GetElapsedTime(since) < RetryInterval)
        {
            Lose();
            return;
        }
        try
        {
            _file ??= Open();
            _file.Position = _goodLength;
            _file.Write(_buffer.GetBuffer(), 0, (int)_buffer.Length);
            _goodLength += _buffer.Length;
            Clear();
            if (_failedAt is not null)
            {
                _failedAt = null;
                var lost = LostLines;
                LostLines = 0;
                Recovered?.Invoke(lost);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Fail(e.Message);
        }
    }

    public void Dispose()
    {
        Flush();
        _file?.Dispose();
        _file = null;
    }

    private void Fail(string reason)
    {
        var isFirst = _failedAt is null;
        _failedAt = _time.GetTimestamp();
        _mayHoldTornLine |= _file is not null;
        _file?.Dispose(); // opened anew next time: the folder may be another one by then
        _file = null;
        Lose();
        if (isFirst)
            Failing?.Invoke(reason);
    }

    private FileStream Open()
    {
        var file = _open(_path);
        try
        {
            if (_mayHoldTornLine && file.Length > _goodLength)
                file.SetLength(_goodLength);
            _goodLength = file.Length;
            _mayHoldTornLine = false;
            return file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    private void Lose()
    {
        LostLines += _bufferedLines;
        Clear();
    }

    private void Clear()
    {
        _buffer.SetLength(0);
        _bufferedLines = 0;
    }

    private void Rotate()
    {
        if (_file is null || _failedAt is not null)
            return;
        try
        {
            _file.Dispose();
            _file = null;
            _goodLength = 0;
            for (var i = _maxRotated; i >= 1; i--)
            {
                var from = i == 1 ? _path : Rotated(i - 1);
                if (File.Exists(from))
                    File.Move(from, Rotated(i), overwrite: true);
            }
            if (_maxRotated == 0)
                File.Delete(_path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Fail(e.Message);
        }
    }

    private string Rotated(int index) => Path.ChangeExtension(_path, $".{index}.jsonl");

    private static FileStream OpenForAppend(string path)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        return new FileStream(path, new FileStreamOptions
        {
            Mode = FileMode.OpenOrCreate,
            Access = FileAccess.Write,
            Share = FileShare.ReadWrite | FileShare.Delete,
            BufferSize = 0,
            UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead,
        });
    }
}
