// SPDX-License-Identifier: Apache-2.0

using System.Runtime.InteropServices;
using System.Text;

namespace Dora.CApi.Handles;

/// <summary>A text in native memory, UTF-8, with a NUL behind it that its length does not count.</summary>
internal readonly unsafe struct NativeText
{
    private NativeText(byte* data, int length)
    {
        Data = data;
        Length = length;
    }

    public byte* Data { get; }

    public int Length { get; }

    public static NativeText Copy(string text)
    {
        var length = Encoding.UTF8.GetByteCount(text);
        var data = (byte*)NativeMemory.Alloc((nuint)length + 1);

        // SAFETY: length + 1 bytes were just allocated.
        Encoding.UTF8.GetBytes(text, new Span<byte>(data, length));
        data[length] = 0;
        return new NativeText(data, length);
    }

    public bool Is(ReadOnlySpan<byte> utf8) => utf8.SequenceEqual(new ReadOnlySpan<byte>(Data, Length));

    public void Free() => NativeMemory.Free(Data);
}
