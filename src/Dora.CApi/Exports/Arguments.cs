// SPDX-License-Identifier: Apache-2.0

using System.Text;
using Dora.CApi.Handles;
using Dora.Protocol;

namespace Dora.CApi.Exports;

/// <summary>Checks what C passes, before anything is done with it.</summary>
internal static unsafe class Arguments
{
    /// <summary>Bytes that the caller lends for the call.</summary>
    /// <exception cref="CApiException">NULL with a length, or more than 2 GiB.</exception>
    public static ReadOnlySpan<byte> Bytes(void* data, nuint length, string name)
    {
        if (data == null && length != 0)
            throw new CApiException(Status.InvalidArgument, $"{name} is NULL, but its length is {length}");
        if (length > int.MaxValue)
            throw new CApiException(Status.TooLarge, $"{name} has {length} bytes; a message has at most {int.MaxValue}");

        // SAFETY: the caller says that so many bytes lie there, and keeps them until the call returns.
        return new ReadOnlySpan<byte>(data, (int)length);
    }

    /// <summary>A UTF-8 text that the caller lends for the call.</summary>
    public static string Text(byte* data, nuint length, string name) => Encoding.UTF8.GetString(Bytes(data, length, name));

    /// <summary>A length that fits into a message.</summary>
    public static int Length(nuint length) => length <= int.MaxValue
        ? (int)length
        : throw new CApiException(Status.TooLarge, $"{length} bytes are more than a message can have ({int.MaxValue})");

    /// <summary>A place to write a result to.</summary>
    public static void NotNull(void* result, string name)
    {
        if (result == null)
            throw new CApiException(Status.InvalidArgument, $"{name} is NULL");
    }

    /// <summary>Gives a text out; either place may be NULL.</summary>
    public static void Give(NativeText text, byte** data, nuint* length)
    {
        if (data != null)
            *data = text.Data;
        if (length != null)
            *length = (nuint)text.Length;
    }

    /// <summary>Parameters behind a handle; NULL: none.</summary>
    public static MetadataParameters? Parameters(nint metadata) => metadata == 0 ? null : Tables.Metadata.Resolve(metadata).Parameters;
}
