// SPDX-License-Identifier: Apache-2.0

using System.Runtime.InteropServices;

namespace Dora.CApi.Arrow;

/// <summary><c>struct ArrowArray</c> of the Arrow C Data Interface (arrow.apache.org/docs/format/CDataInterface.html).</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct CArray
{
    public long Length;
    public long NullCount;
    public long Offset;
    public long BufferCount;
    public long ChildCount;
    public void** Buffers;
    public CArray** Children;
    public CArray* Dictionary;
    public delegate* unmanaged[Cdecl]<CArray*, void> Release;
    public void* Private;
}

/// <summary><c>struct ArrowSchema</c> of the Arrow C Data Interface.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct CSchema
{
    public const long Nullable = 2;

    public byte* Format;
    public byte* Name;
    public byte* Metadata;
    public long Flags;
    public long ChildCount;
    public CSchema** Children;
    public CSchema* Dictionary;
    public delegate* unmanaged[Cdecl]<CSchema*, void> Release;
    public void* Private;
}
