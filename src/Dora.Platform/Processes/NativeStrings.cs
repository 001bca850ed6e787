// SPDX-License-Identifier: Apache-2.0

using System.Runtime.InteropServices;

namespace Dora.Platform.Processes;

/// <summary>A null-terminated array of C strings: argv or envp. Ownership: frees everything on dispose.</summary>
internal sealed unsafe class NativeStrings : IDisposable
{
    private readonly int _count;
    private byte** _pointers;

    public NativeStrings(IReadOnlyCollection<string> strings)
    {
        _pointers = (byte**)NativeMemory.AllocZeroed((nuint)strings.Count + 1, (nuint)sizeof(byte*));
        foreach (var text in strings)
        {
            if (text.Contains('\0', StringComparison.Ordinal))
            {
                Dispose();
                throw new PlatformException("an argument or environment variable holds a NUL character", Errno.EINVAL);
            }
            _pointers[_count++] = (byte*)Marshal.StringToCoTaskMemUTF8(text);
        }
    }

    public byte** Pointer => _pointers;

    public static NativeStrings OfEnvironment(IEnumerable<KeyValuePair<string, string>> environment) =>
        new([.. environment.Select(pair => $"{pair.Key}={pair.Value}")]);

    public void Dispose()
    {
        if (_pointers == null)
            return;
        for (var i = 0; i < _count; i++)
            Marshal.FreeCoTaskMem((nint)_pointers[i]);
        NativeMemory.Free(_pointers);
        _pointers = null;
    }
}
