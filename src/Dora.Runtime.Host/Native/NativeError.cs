// SPDX-License-Identifier: Apache-2.0

using System.Runtime.InteropServices;
using System.Text;

namespace Dora.Runtime.Host.Native;

/// <summary>An operator in a shared library reported an error. Handled like an exception of a C# operator.</summary>
internal sealed class NativeOperatorException(string message) : ForeignOperatorException(message)
{
    /// <summary>What the operator said: our own stack says nothing about it.</summary>
    public override string ToString() => Message;
}

/// <summary>Error texts that pass between the runtime and a shared library, from malloc to free on the other side.</summary>
internal static unsafe class NativeError
{
    /// <summary>Takes over and throws what the operator reported.</summary>
    public static void ThrowIfSet(NativeResult result, string function)
    {
        if (result.Error == null)
            return;
        var text = Encoding.UTF8.GetString(result.Error->Span);
        NativeMemory.Free(result.Error->Pointer);
        NativeMemory.Free(result.Error);
        throw new NativeOperatorException(text.Length == 0 ? $"{function} failed without a text" : text);
    }

    /// <summary>An error for the operator to return or free.</summary>
    public static NativeResult Of(string message)
    {
        var bytes = Encoding.UTF8.GetBytes(message);
        var error = (NativeBytes*)NativeMemory.Alloc((nuint)sizeof(NativeBytes));
        var text = (byte*)NativeMemory.Alloc((nuint)bytes.Length + 1);

        // SAFETY: one byte more than the text was allocated.
        bytes.CopyTo(new Span<byte>(text, bytes.Length));
        text[bytes.Length] = 0;
        *error = new NativeBytes { Pointer = text, Length = (nuint)bytes.Length, Capacity = (nuint)bytes.Length + 1 };
        return new NativeResult { Error = error };
    }
}
