// SPDX-License-Identifier: Apache-2.0

using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Dora.Operators;
using Dora.Protocol;

namespace Dora.Runtime.Host.Python;

/// <summary>The Python type <c>_dora_host.Payload</c>: read-only bytes of a message, in the memory that their sender wrote.</summary>
/// <remarks>
/// <para>During the event an object only borrows the memory. If Python still refers to it afterwards (itself, a memoryview of it or of a part, a
/// numpy array over it), it retains the message until the last of these is gone; otherwise the message goes back at once, uncounted.</para>
/// <para>Threads: whoever has the interpreter's lock; the last reference may go on any thread.</para>
/// </remarks>
internal static unsafe class PythonPayload
{
    private static readonly byte* Nothing = (byte*)NativeMemory.AllocZeroed(1); // so that empty data is no NULL

    private static nint s_type; // what objects are made of: the subclass that Python code derived

    /// <summary>What lies in memory: CPython's head of an object, then ours.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct Layout
    {
        public nint References; // the lower half, where it is in all CPythons with a global lock
        public nint Type;
        public byte* Data;
        public nint Length;
        public nint Kept;     // GCHandle of a Hold, once the message is retained
        public nint Metadata; // GCHandle of the metadata's bytes, if the message is an Arrow array
    }

    /// <summary>Makes the type; once.</summary>
    /// <returns>A new reference, or 0 with Python's error set.</returns>
    public static nint CreateType()
    {
        var slots = stackalloc PyTypeSlot[]
        {
            new() { Slot = PyTypeSlot.GetBuffer, Function = (delegate* unmanaged[Cdecl]<nint, PyBuffer*, int, int>)&GetBuffer },
            new() { Slot = PyTypeSlot.Deallocate, Function = (delegate* unmanaged[Cdecl]<nint, void>)&Deallocate },
            default,
        };
        var spec = new PyTypeSpec
        {
            Name = Utf8("_dora_host.Payload"),
            BasicSize = sizeof(Layout),
            Flags = DefaultFlags | BaseTypeFlag,
            Slots = slots,
        };
        return PythonApi.NewType(&spec);
    }

    /// <summary>From now on objects are of this type, which derives from ours and adds no fields.</summary>
    public static void UseSubclass(nint type) => s_type = type;

    /// <summary>An object that borrows the data of an event.</summary>
    /// <param name="data">The payload, pinned until <see cref="EndLoan"/>.</param>
    /// <param name="length">Its bytes.</param>
    /// <param name="arrowMetadata">What describes the payload if it is an Arrow array, else empty.</param>
    /// <returns>A new reference, or 0 with Python's error set.</returns>
    public static nint Lend(byte* data, int length, ReadOnlyMemory<byte> arrowMetadata)
    {
        var payload = (Layout*)PythonApi.Allocate(s_type, 0);
        if (payload != null)
        {
            payload->Data = data == null ? Nothing : data;
            payload->Length = length;
            if (!arrowMetadata.IsEmpty)
                payload->Metadata = GCHandle.ToIntPtr(GCHandle.Alloc(arrowMetadata.ToArray()));
        }

        return (nint)payload;
    }

    /// <summary>Ends the loan: gives our reference back, and retains the message if Python has others.</summary>
    /// <param name="payload">From <see cref="Lend"/>; gone afterwards, unless Python keeps it.</param>
    /// <param name="e">The event that it borrows from; its data is still pinned.</param>
    public static void EndLoan(nint payload, in OperatorEvent e)
    {
        var layout = (Layout*)payload;
        if ((uint)layout->References != 1 && layout->Length > 0)
        {
            var retained = e.Retain();
            layout->Kept = GCHandle.ToIntPtr(GCHandle.Alloc(new Hold(retained)));
        }

        PythonApi.DecRef(payload);
    }

    /// <summary>The payload as two Arrow capsules.</summary>
    /// <returns>A new tuple (schema, array), or 0 with Python's error set.</returns>
    /// <exception cref="ArgumentException">It is no payload, or its description is broken.</exception>
    public static nint Export(nint payload)
    {
        var layout = (Layout*)payload;
        if (layout->Type != s_type)
            throw new ArgumentException("only received data can be exported");
        var metadata = layout->Metadata == 0 ? [] : (byte[])GCHandle.FromIntPtr(layout->Metadata).Target!;
        return PythonArrow.Export(payload, layout->Data, (int)layout->Length, metadata);
    }

    /// <summary>Where the numbers of an array without nulls lie: "format, byte of its buffer, elements before the first, elements".</summary>
    /// <returns>Empty when it is no plain row of values.</returns>
    /// <exception cref="ArgumentException">It is no payload.</exception>
    public static string Describe(nint payload)
    {
        var layout = (Layout*)payload;
        if (layout->Type != s_type)
            throw new ArgumentException("only received data can be described");
        var metadata = layout->Metadata == 0 ? [] : (byte[])GCHandle.FromIntPtr(layout->Metadata).Target!;
        var reader = new MetadataReader(metadata);
        if (!reader.TryGetArrow(out var arrow) || !arrow.FitsIn((int)layout->Length) || arrow.NodeCount != 1 || arrow.BufferCount != 2)
            return "";
        var (nodes, ranges) = (new ArrowNodeLayout[1], new ArrowBufferLayout[2]);
        arrow.CopyTo(nodes, ranges);
        var field = MessageDecoder.DecodeArrowField(arrow.Schema);
        return nodes[0].NullCount > 0 || field.Dictionary is not null ? "" : $"{field.Format} {ranges[1].Offset} {nodes[0].Offset} {nodes[0].Length}";
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int GetBuffer(nint self, PyBuffer* view, int flags)
    {
        var layout = (Layout*)self;
        return PythonApi.FillBuffer(view, self, layout->Data, layout->Length, 1, flags); // refuses those who want to write
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void Deallocate(nint self)
    {
        var layout = (Layout*)self;
        if (layout->Kept != 0)
        {
            var handle = GCHandle.FromIntPtr(layout->Kept);
            layout->Kept = 0;
            try
            {
                ((Hold)handle.Target!).Dispose();
            }
            catch (Exception e) // nothing managed may unwind into C
            {
                Console.Error.WriteLine(e);
            }

            handle.Free();
        }

        if (layout->Metadata != 0)
            GCHandle.FromIntPtr(layout->Metadata).Free();
        var type = layout->Type;

        // SAFETY: the type's own function for giving back what its Allocate gave.
        ((delegate* unmanaged[Cdecl]<nint, void>)PythonApi.GetSlot(type, PyTypeSlot.Free))(self);
        PythonApi.DecRef(type); // each object of a type that was made at run time counts for it
    }

    private const uint DefaultFlags = 1u << 18;
    private const uint BaseTypeFlag = 1u << 10;

    /// <summary>Text for C, for ever.</summary>
    public static byte* Utf8(string text) => (byte*)Marshal.StringToCoTaskMemUTF8(text);

    /// <summary>A message that Python still looks at. Memory of a sibling is the garbage collector's and could move.</summary>
    private sealed class Hold(RetainedSample sample) : IDisposable
    {
        private MemoryHandle _pin = sample.Data.Pin();

        public void Dispose()
        {
            _pin.Dispose();
            sample.Dispose();
        }
    }
}
