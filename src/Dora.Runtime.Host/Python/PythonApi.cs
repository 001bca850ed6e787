// SPDX-License-Identifier: Apache-2.0

using System.Runtime.InteropServices;

namespace Dora.Runtime.Host.Python;

/// <summary>The functions of libpython that we call, by their names in CPython's C API; bound once, when the library was found.</summary>
/// <remarks>
/// Unsafe because it is C: an object is a bare address (<c>nint</c>), owned references are given back with <see cref="DecRef"/>, and all but
/// <see cref="GilEnsure"/> need the interpreter's lock. Only what CPython 3.10 and all later ones have in common is used, and no
/// layout of its own but that of an object's head and of <see cref="PyBuffer"/>, which are part of its stable ABI.
/// </remarks>
internal static unsafe partial class PythonApi
{
    public static delegate* unmanaged[Cdecl]<int, void> InitializeEx;
    public static delegate* unmanaged[Cdecl]<nint> SaveThread;
    public static delegate* unmanaged[Cdecl]<int> GilEnsure;
    public static delegate* unmanaged[Cdecl]<int, void> GilRelease;
    public static delegate* unmanaged[Cdecl]<byte*> GetVersion;

    public static delegate* unmanaged[Cdecl]<nint, void> IncRef;
    public static delegate* unmanaged[Cdecl]<nint, void> DecRef;
    public static delegate* unmanaged[Cdecl]<nint, byte*, nint> GetAttr;
    public static delegate* unmanaged[Cdecl]<nint, nint*, nuint, nint, nint> Vectorcall;
    public static delegate* unmanaged[Cdecl]<byte*, nint> ImportModule;
    public static delegate* unmanaged[Cdecl]<byte*, nint> AddModule; // borrowed
    public static delegate* unmanaged[Cdecl]<byte*, nint> GetSys;    // borrowed
    public static delegate* unmanaged[Cdecl]<nint, byte*, nint, int> SetAttr;

    public static delegate* unmanaged[Cdecl]<nint, byte*, void> SetError;
    public static delegate* unmanaged[Cdecl]<nint> ErrorOccurred; // borrowed
    public static delegate* unmanaged[Cdecl]<void> ClearError;
    public static delegate* unmanaged[Cdecl]<void> PrintError;

    public static delegate* unmanaged[Cdecl]<long, nint> FromLong;
    public static delegate* unmanaged[Cdecl]<nint, long> AsLong;
    public static delegate* unmanaged[Cdecl]<double, nint> FromDouble;
    public static delegate* unmanaged[Cdecl]<nint, double> AsDouble;
    public static delegate* unmanaged[Cdecl]<long, nint> FromBool;
    public static delegate* unmanaged[Cdecl]<byte*, nint, nint> FromUtf8;
    public static delegate* unmanaged[Cdecl]<nint, nint*, byte*> AsUtf8; // as long as the object
    public static delegate* unmanaged[Cdecl]<byte*, nint, nint> FromBytes; // copied
    public static delegate* unmanaged[Cdecl]<nint> NewDict;
    public static delegate* unmanaged[Cdecl]<nint, nint, nint, int> SetItem;
    public static delegate* unmanaged[Cdecl]<nint, nint> NewList;
    public static delegate* unmanaged[Cdecl]<nint, nint, nint, int> ListSet; // takes the item over
    public static delegate* unmanaged[Cdecl]<nint, nint, int> ListAppend;
    public static delegate* unmanaged[Cdecl]<nint, nint> ListSize;
    public static delegate* unmanaged[Cdecl]<nint, nint, nint> ListGet;  // borrowed
    public static delegate* unmanaged[Cdecl]<nint, nint, nint> TupleGet; // borrowed

    public static delegate* unmanaged[Cdecl]<nint, nint> NewTuple;
    public static delegate* unmanaged[Cdecl]<nint, nint, nint, int> TupleSet; // takes the item over

    public static delegate* unmanaged[Cdecl]<void*, byte*, delegate* unmanaged[Cdecl]<nint, void>, nint> NewCapsule;
    public static delegate* unmanaged[Cdecl]<nint, byte*, void*> CapsulePointer;
    public static delegate* unmanaged[Cdecl]<byte*, int, void*> CapsuleImport;

    public static delegate* unmanaged[Cdecl]<nint, PyBuffer*, int, int> GetBuffer;
    public static delegate* unmanaged[Cdecl]<PyBuffer*, void> ReleaseBuffer;
    public static delegate* unmanaged[Cdecl]<PyBuffer*, nint, void*, nint, int, int, int> FillBuffer;
    public static delegate* unmanaged[Cdecl]<PyBuffer*, byte, int> IsContiguous;
    public static delegate* unmanaged[Cdecl]<void*, PyBuffer*, nint, byte, int> ToContiguous;

    public static delegate* unmanaged[Cdecl]<PyMethod*, nint, nint, nint> NewFunction;
    public static delegate* unmanaged[Cdecl]<PyTypeSpec*, nint> NewType;
    public static delegate* unmanaged[Cdecl]<nint, nint, nint> Allocate;
    public static delegate* unmanaged[Cdecl]<nint, int, void*> GetSlot;

    /// <summary>Python's None; immortal as far as we are concerned.</summary>
    public static nint None;

    /// <summary>Exception types, borrowed from the interpreter.</summary>
    public static nint RuntimeError, ValueError, TypeError, BufferError;

    /// <summary>Looks all of them up.</summary>
    /// <exception cref="EntryPointNotFoundException">The library is no CPython of 3.10 or later.</exception>
    public static void Bind(nint library)
    {
        InitializeEx = (delegate* unmanaged[Cdecl]<int, void>)Export("Py_InitializeEx");
        SaveThread = (delegate* unmanaged[Cdecl]<nint>)Export("PyEval_SaveThread");
        GilEnsure = (delegate* unmanaged[Cdecl]<int>)Export("PyGILState_Ensure");
        GilRelease = (delegate* unmanaged[Cdecl]<int, void>)Export("PyGILState_Release");
        GetVersion = (delegate* unmanaged[Cdecl]<byte*>)Export("Py_GetVersion");
        IncRef = (delegate* unmanaged[Cdecl]<nint, void>)Export("Py_IncRef");
        DecRef = (delegate* unmanaged[Cdecl]<nint, void>)Export("Py_DecRef");
        GetAttr = (delegate* unmanaged[Cdecl]<nint, byte*, nint>)Export("PyObject_GetAttrString");
        Vectorcall = (delegate* unmanaged[Cdecl]<nint, nint*, nuint, nint, nint>)Export("PyObject_Vectorcall");
        ImportModule = (delegate* unmanaged[Cdecl]<byte*, nint>)Export("PyImport_ImportModule");
        AddModule = (delegate* unmanaged[Cdecl]<byte*, nint>)Export("PyImport_AddModule");
        GetSys = (delegate* unmanaged[Cdecl]<byte*, nint>)Export("PySys_GetObject");
        SetAttr = (delegate* unmanaged[Cdecl]<nint, byte*, nint, int>)Export("PyObject_SetAttrString");
        SetError = (delegate* unmanaged[Cdecl]<nint, byte*, void>)Export("PyErr_SetString");
        ErrorOccurred = (delegate* unmanaged[Cdecl]<nint>)Export("PyErr_Occurred");
        ClearError = (delegate* unmanaged[Cdecl]<void>)Export("PyErr_Clear");
        PrintError = (delegate* unmanaged[Cdecl]<void>)Export("PyErr_Print");
        FromLong = (delegate* unmanaged[Cdecl]<long, nint>)Export("PyLong_FromLongLong");
        AsLong = (delegate* unmanaged[Cdecl]<nint, long>)Export("PyLong_AsLongLong");
        FromDouble = (delegate* unmanaged[Cdecl]<double, nint>)Export("PyFloat_FromDouble");
        AsDouble = (delegate* unmanaged[Cdecl]<nint, double>)Export("PyFloat_AsDouble");
        FromBool = (delegate* unmanaged[Cdecl]<long, nint>)Export("PyBool_FromLong");
        FromUtf8 = (delegate* unmanaged[Cdecl]<byte*, nint, nint>)Export("PyUnicode_FromStringAndSize");
        AsUtf8 = (delegate* unmanaged[Cdecl]<nint, nint*, byte*>)Export("PyUnicode_AsUTF8AndSize");
        FromBytes = (delegate* unmanaged[Cdecl]<byte*, nint, nint>)Export("PyBytes_FromStringAndSize");
        NewDict = (delegate* unmanaged[Cdecl]<nint>)Export("PyDict_New");
        SetItem = (delegate* unmanaged[Cdecl]<nint, nint, nint, int>)Export("PyDict_SetItem");
        NewList = (delegate* unmanaged[Cdecl]<nint, nint>)Export("PyList_New");
        ListSet = (delegate* unmanaged[Cdecl]<nint, nint, nint, int>)Export("PyList_SetItem");
        ListAppend = (delegate* unmanaged[Cdecl]<nint, nint, int>)Export("PyList_Append");
        ListSize = (delegate* unmanaged[Cdecl]<nint, nint>)Export("PyList_Size");
        ListGet = (delegate* unmanaged[Cdecl]<nint, nint, nint>)Export("PyList_GetItem");
        TupleGet = (delegate* unmanaged[Cdecl]<nint, nint, nint>)Export("PyTuple_GetItem");
        NewTuple = (delegate* unmanaged[Cdecl]<nint, nint>)Export("PyTuple_New");
        TupleSet = (delegate* unmanaged[Cdecl]<nint, nint, nint, int>)Export("PyTuple_SetItem");
        NewCapsule = (delegate* unmanaged[Cdecl]<void*, byte*, delegate* unmanaged[Cdecl]<nint, void>, nint>)Export("PyCapsule_New");
        CapsulePointer = (delegate* unmanaged[Cdecl]<nint, byte*, void*>)Export("PyCapsule_GetPointer");
        CapsuleImport = (delegate* unmanaged[Cdecl]<byte*, int, void*>)Export("PyCapsule_Import");
        GetBuffer = (delegate* unmanaged[Cdecl]<nint, PyBuffer*, int, int>)Export("PyObject_GetBuffer");
        ReleaseBuffer = (delegate* unmanaged[Cdecl]<PyBuffer*, void>)Export("PyBuffer_Release");
        FillBuffer = (delegate* unmanaged[Cdecl]<PyBuffer*, nint, void*, nint, int, int, int>)Export("PyBuffer_FillInfo");
        IsContiguous = (delegate* unmanaged[Cdecl]<PyBuffer*, byte, int>)Export("PyBuffer_IsContiguous");
        ToContiguous = (delegate* unmanaged[Cdecl]<void*, PyBuffer*, nint, byte, int>)Export("PyBuffer_ToContiguous");
        NewFunction = (delegate* unmanaged[Cdecl]<PyMethod*, nint, nint, nint>)Export("PyCFunction_NewEx");
        NewType = (delegate* unmanaged[Cdecl]<PyTypeSpec*, nint>)Export("PyType_FromSpec");
        Allocate = (delegate* unmanaged[Cdecl]<nint, nint, nint>)Export("PyType_GenericAlloc");
        GetSlot = (delegate* unmanaged[Cdecl]<nint, int, void*>)Export("PyType_GetSlot");
        None = Export("_Py_NoneStruct");

        // SAFETY: these exports are variables that hold the address of a type.
        RuntimeError = *(nint*)Export("PyExc_RuntimeError");
        ValueError = *(nint*)Export("PyExc_ValueError");
        TypeError = *(nint*)Export("PyExc_TypeError");
        BufferError = *(nint*)Export("PyExc_BufferError");

        nint Export(string name) => NativeLibrary.GetExport(library, name);
    }

    /// <summary>Loads a library so that extension modules, which do not name libpython themselves, find its functions.</summary>
    [LibraryImport("libc", EntryPoint = "dlopen", StringMarshalling = StringMarshalling.Utf8)]
    public static partial nint DlOpen(string path, int flags);

    /// <summary>Why the last <see cref="DlOpen"/> failed.</summary>
    [LibraryImport("libc", EntryPoint = "dlerror")]
    public static partial byte* DlError();

    /// <summary>Sets a variable of the process itself; .NET's own function only changes .NET's copy.</summary>
    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int SetEnv(string name, string value, int overwrite);
}

/// <summary><c>Py_buffer</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct PyBuffer
{
    public const int FullReadOnly = 0x11c; // PyBUF_FULL_RO: whatever strides and format it has

    public byte* Data;
    public nint Owner;
    public nint Length;
    public nint ItemSize;
    public int ReadOnly;
    public int Dimensions;
    public byte* Format;
    public nint* Shape;
    public nint* Strides;
    public nint* SubOffsets;
    public void* Internal;
}

/// <summary><c>PyMethodDef</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct PyMethod
{
    public const int FastCall = 0x80;

    public byte* Name;
    public delegate* unmanaged[Cdecl]<nint, nint*, nint, nint> Function;
    public int Flags;
    public byte* Doc;
}

/// <summary><c>PyType_Spec</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct PyTypeSpec
{
    public byte* Name;
    public int BasicSize;
    public int ItemSize;
    public uint Flags;
    public PyTypeSlot* Slots;
}

/// <summary><c>PyType_Slot</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct PyTypeSlot
{
    public const int GetBuffer = 1;     // Py_bf_getbuffer
    public const int Deallocate = 52;   // Py_tp_dealloc
    public const int Free = 74;         // Py_tp_free

    public int Slot;
    public void* Function;
}
