// SPDX-License-Identifier: Apache-2.0

using System.Runtime.InteropServices;
using System.Text;
using Dora.Nodes;
using Dora.Protocol;

namespace Dora.CApi;

/// <summary>The text of the last error of each thread, as C reads it.</summary>
internal static unsafe class LastError
{
    private const int BytesMax = 4096; // of a text; more is cut off

    [ThreadStatic]
    private static byte* t_text; // NUL-terminated UTF-8 of BytesMax bytes; lives as long as the thread has need of it, that is: for ever

    /// <summary>Valid until the next error of this thread; never null.</summary>
    public static byte* Text => t_text == null ? Empty : t_text;

    private static readonly byte* Empty = (byte*)NativeMemory.AllocZeroed(1);

    public static Status Set(Status status, string text)
    {
        if (t_text == null)
            t_text = (byte*)NativeMemory.Alloc(BytesMax);

        // SAFETY: BytesMax bytes were allocated; the encoder stops before the last, which holds the NUL.
        Encoding.UTF8.GetEncoder().Convert(text, new Span<byte>(t_text, BytesMax - 1), flush: true, out _, out var used, out _);
        t_text[used] = 0;
        return status;
    }

    /// <summary>Turns whatever was thrown into a status: nothing managed may unwind into C.</summary>
    public static Status Record(Exception e) => e switch
    {
        CApiException own => Set(own.Status, own.Message),
        UnknownOutputException => Set(Status.UnknownOutput, e.Message),
        MessageTooLargeException => Set(Status.TooLarge, e.Message),
        NodeConnectionException => Set(Status.NotConnected, e.Message),
        ArrowDataException or ProtocolException => Set(Status.BadData, e.Message),
        NotSupportedException => Set(Status.Unsupported, e.Message),
        ObjectDisposedException => Set(Status.InvalidHandle, e.Message),
        InvalidOperationException => Set(Status.Busy, e.Message),
        ArgumentException => Set(Status.InvalidArgument, e.Message),
        _ => Set(Status.Internal, $"{e.GetType().Name}: {e.Message}"),
    };
}

/// <summary>A misuse of the C API, found before anything was done.</summary>
internal sealed class CApiException(Status status, string message) : Exception(message)
{
    public Status Status { get; } = status;
}
