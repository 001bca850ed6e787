// SPDX-License-Identifier: Apache-2.0

namespace Dora.UnitTests.Protocol;

/// <summary>Turns valid frames into nearly valid ones, reproducibly: the same seed gives the same frames.</summary>
internal sealed class FrameMutator(IReadOnlyList<byte[]> corpus, int seed)
{
    private readonly Random _random = new(seed);
    private byte[] _buffer = new byte[4096];

    /// <summary>The next frame; valid until the next call.</summary>
    public ReadOnlySpan<byte> Next()
    {
        var start = corpus[_random.Next(corpus.Count)];
        Reserve(start.Length + 64);
        start.CopyTo(_buffer, 0);
        var length = start.Length;
        for (var i = _random.Next(1, 5); i > 0; i--)
        {
            length = Mutate(length);
            Reserve(length + 64);
        }

        return _buffer.AsSpan(0, length);
    }

    private int Mutate(int length)
    {
        var at = length == 0 ? 0 : _random.Next(length);
        switch (_random.Next(9))
        {
            case 0 when length > 0: // one bit
                _buffer[at] ^= (byte)(1 << _random.Next(8));
                return length;
            case 1 when length > 0: // one byte
                _buffer[at] = (byte)_random.Next(256);
                return length;
            case 2: // cut off
                return at;
            case 3: // a byte more
                _buffer.AsSpan(at, length - at).CopyTo(_buffer.AsSpan(at + 1));
                _buffer[at] = (byte)_random.Next(256);
                return length + 1;
            case 4 when length > 0: // a byte less
                _buffer.AsSpan(at + 1, length - at - 1).CopyTo(_buffer.AsSpan(at));
                return length - 1;
            case 5: // a huge varint, as a length or a value
                return Insert(at, length, [0xFF, 0xFF, 0xFF, 0xFF, (byte)_random.Next(128)]);
            case 6: // ten-byte varint, at times too long
                return Insert(at, length, [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, (byte)_random.Next(256)]);
            case 7: // a piece of another message
                var other = corpus[_random.Next(corpus.Count)];
                var from = _random.Next(other.Length + 1);
                return Insert(at, length, other.AsSpan(from, _random.Next(Math.Min(64, other.Length - from) + 1)));
            default: // many bytes of one value: repeated fields, groups, zeros
                Span<byte> run = stackalloc byte[_random.Next(64)];
                run.Fill((byte)_random.Next(256));
                return Insert(at, length, run);
        }
    }

    private int Insert(int at, int length, ReadOnlySpan<byte> piece)
    {
        Reserve(length + piece.Length);
        _buffer.AsSpan(at, length - at).CopyTo(_buffer.AsSpan(at + piece.Length));
        piece.CopyTo(_buffer.AsSpan(at));
        return length + piece.Length;
    }

    private void Reserve(int length)
    {
        if (_buffer.Length < length)
        {
            Array.Resize(ref _buffer, length * 2);
        }
    }
}
