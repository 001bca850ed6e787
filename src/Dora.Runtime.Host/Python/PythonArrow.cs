// SPDX-License-Identifier: Apache-2.0

using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Apache.Arrow;
using Apache.Arrow.C;
using Apache.Arrow.Types;
using Dora.CApi.Arrow;

namespace Dora.Runtime.Host.Python;

/// <summary>Arrow arrays to and from Python: as the two capsules of Arrow's PyCapsule interface, and as typed buffers.</summary>
/// <remarks>Whoever calls has the interpreter's lock; Arrow's release functions may come on any thread, without it.</remarks>
internal static unsafe class PythonArrow
{
    private static readonly byte* SchemaName = PythonPayload.Utf8("arrow_schema");
    private static readonly byte* ArrayName = PythonPayload.Utf8("arrow_array");

    /// <summary>The two capsules of a received message. They keep <paramref name="payload"/>, and so the memory, alive.</summary>
    /// <returns>A new tuple (schema, array), or 0 with Python's error set.</returns>
    public static nint Export(nint payload, byte* data, int length, ReadOnlySpan<byte> metadata)
    {
        var array = (CArray*)NativeMemory.AllocZeroed((nuint)sizeof(CArray));
        var schema = (CSchema*)NativeMemory.AllocZeroed((nuint)sizeof(CSchema));
        try
        {
            ArrowExport.Give(new Reference(payload), data, length, metadata, array, schema);
        }
        catch
        {
            NativeMemory.Free(array);
            NativeMemory.Free(schema);
            throw;
        }

        var pair = PythonApi.NewTuple(2);
        _ = PythonApi.TupleSet(pair, 0, PythonApi.NewCapsule(schema, SchemaName, &DropSchema));
        _ = PythonApi.TupleSet(pair, 1, PythonApi.NewCapsule(array, ArrayName, &DropArray));
        return pair;
    }

    /// <summary>Takes over what two capsules hold; they are empty afterwards.</summary>
    /// <returns>The caller's to dispose; null with Python's error set when they are no such capsules.</returns>
    /// <exception cref="ArgumentException">The array is broken, or of a type that is not known here.</exception>
    public static IArrowArray? Import(nint schemaCapsule, nint arrayCapsule)
    {
        var schema = (CArrowSchema*)PythonApi.CapsulePointer(schemaCapsule, SchemaName);
        if (schema == null)
            return null;
        var array = (CArrowArray*)PythonApi.CapsulePointer(arrayCapsule, ArrayName);
        if (array == null)
            return null;
        try
        {
            return CArrowArrayImporter.ImportArray(array, CArrowSchemaImporter.ImportType(schema));
        }
        catch (Exception e)
        {
            throw new ArgumentException($"the Arrow array cannot be taken: {e.Message}");
        }
    }

    /// <summary>A buffer of numbers as an array over the same memory; null when it holds bytes, or nothing that Arrow has a type for.</summary>
    /// <param name="view">In one piece; outlives the array.</param>
    public static IArrowArray? Over(PyBuffer* view)
    {
        if (view->Format == null || TypeOf(view->Format) is not { } type)
            return null;
        var memory = new ForeignMemory(view->Data, (int)view->Length).Memory;
        var count = (int)(view->Length / view->ItemSize);
        return ArrowArrayFactory.BuildArray(new ArrayData(type, count, 0, 0, [ArrowBuffer.Empty, new ArrowBuffer(memory)]));
    }

    /// <summary>Whether a buffer is of numbers that keep their type.</summary>
    public static bool IsTyped(PyBuffer* view) => view->Format != null && TypeOf(view->Format) is not null;

    // Format characters of Python's struct module, native sizes; a prefix for native or little-endian order changes nothing here.
    private static IArrowType? TypeOf(byte* format)
    {
        if (*format is (byte)'@' or (byte)'=' or (byte)'<')
            format++;
        if (format[0] == 0 || format[1] != 0)
            return null;
        return (char)*format switch
        {
            'b' => Int8Type.Default,
            'h' => Int16Type.Default,
            'H' => UInt16Type.Default,
            'i' => Int32Type.Default,
            'I' => UInt32Type.Default,
            'l' or 'q' or 'n' => Int64Type.Default,
            'L' or 'Q' or 'N' => UInt64Type.Default,
            'e' => HalfFloatType.Default,
            'f' => FloatType.Default,
            'd' => DoubleType.Default,
            _ => null,
        };
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void DropSchema(nint capsule)
    {
        var schema = (CSchema*)PythonApi.CapsulePointer(capsule, SchemaName);
        if (schema->Release != null) // nobody took it over
            schema->Release(schema);
        NativeMemory.Free(schema);
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void DropArray(nint capsule)
    {
        var array = (CArray*)PythonApi.CapsulePointer(capsule, ArrayName);
        if (array->Release != null)
            array->Release(array);
        NativeMemory.Free(array);
    }

    /// <summary>A reference to a Python object that can be given back anywhere.</summary>
    private sealed class Reference : IDisposable
    {
        private readonly nint _value;

        public Reference(nint value)
        {
            PythonApi.IncRef(value);
            _value = value;
        }

        public void Dispose()
        {
            using var gil = PythonRuntime.TakeLock();
            PythonApi.DecRef(_value);
        }
    }

    /// <summary>Native memory for Apache.Arrow, which only reads it.</summary>
    private sealed class ForeignMemory(byte* data, int length) : MemoryManager<byte>
    {
        public override Span<byte> GetSpan() => new(data, length);

        public override MemoryHandle Pin(int elementIndex = 0) => new(data + elementIndex);

        public override void Unpin()
        {
        }

        protected override void Dispose(bool disposing)
        {
        }
    }
}
