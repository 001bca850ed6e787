// SPDX-License-Identifier: Apache-2.0

using System.Text;

namespace Dora.Daemon.Logs;

/// <summary>Hears lines.</summary>
internal interface ILineHandler
{
    /// <summary>Whether the next line is wanted; if not, it is skipped without being kept.</summary>
    bool WantsLine();

    /// <summary>One line without its end; valid during the call.</summary>
    void OnLine(ReadOnlySpan<byte> line);
}

/// <summary>Cuts a stream of bytes into lines. Memory: the cap, however long a line is.</summary>
internal sealed class LineSplitter(ILineHandler handler)
{
    /// <summary>What is kept of one line; the rest is counted.</summary>
    public const int LineBytesMax = 64 << 10;

    private readonly byte[] _note = new byte[64];
    private byte[] _partial = []; // grows up to the cap, plus room for the note
    private int _length;
    private long _cutBytes;
    private bool _inLine;
    private bool _skipping;

    /// <summary>Takes the next bytes of the stream.</summary>
    public void Feed(ReadOnlySpan<byte> bytes)
    {
        while (!bytes.IsEmpty)
        {
            var end = bytes.IndexOf((byte)'\n');
            if (!_inLine)
            {
                _inLine = true;
                _skipping = !handler.WantsLine();
                if (end >= 0 && end <= LineBytesMax)
                {
                    if (!_skipping)
                        handler.OnLine(WithoutReturn(bytes[..end])); // the usual case: nothing is copied
                    _inLine = false;
                    bytes = bytes[(end + 1)..];
                    continue;
                }
            }
            Append(end < 0 ? bytes : bytes[..end]);
            if (end < 0)
                return;
            EndLine();
            bytes = bytes[(end + 1)..];
        }
    }

    /// <summary>The stream has ended: a last line without an end is one, too.</summary>
    public void End()
    {
        if (_inLine)
            EndLine();
        _partial = [];
    }

    private void Append(ReadOnlySpan<byte> bytes)
    {
        if (_skipping)
            return;
        var kept = Math.Min(bytes.Length, LineBytesMax - _length);
        if (_length + kept > _partial.Length)
            Array.Resize(ref _partial, Math.Min(Math.Max(1024, 2 * (_length + kept)), LineBytesMax) + _note.Length);
        bytes[..kept].CopyTo(_partial.AsSpan(_length));
        _length += kept;
        _cutBytes += bytes.Length - kept;
    }

    private void EndLine()
    {
        if (!_skipping)
        {
            if (_cutBytes > 0)
            {
                var length = Encoding.UTF8.GetBytes($" [… {_cutBytes} bytes cut]", _note);
                // Not in the middle of a character.
                while (_length > 0 && (_partial[_length - 1] & 0xC0) == 0x80)
                    _length--;
                if (_length > 0 && _partial[_length - 1] >= 0xC0)
                    _length--;
                _note.AsSpan(0, length).CopyTo(_partial.AsSpan(_length));
                _length += length;
            }
            handler.OnLine(WithoutReturn(_partial.AsSpan(0, _length)));
        }
        _length = 0;
        _cutBytes = 0;
        _inLine = false;
    }

    private static ReadOnlySpan<byte> WithoutReturn(ReadOnlySpan<byte> line) => line is [.. var rest, (byte)'\r'] ? rest : line;
}
