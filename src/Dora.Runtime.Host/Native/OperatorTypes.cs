// SPDX-License-Identifier: Apache-2.0

using System.Runtime.InteropServices;
using Dora.CApi.Arrow;

namespace Dora.Runtime.Host.Native;

// The structs of dora/operator_types.h, field for field.

/// <summary><c>Vec_uint8_t</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct NativeBytes
{
    public byte* Pointer;
    public nuint Length;
    public nuint Capacity;

    /// <summary>What lies there; empty for NULL.</summary>
    public readonly ReadOnlySpan<byte> Span => Pointer == null ? default : new ReadOnlySpan<byte>(Pointer, checked((int)Length));
}

/// <summary><c>DoraResult_t</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct NativeResult
{
    public NativeBytes* Error;
}

/// <summary><c>DoraInitResult_t</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct NativeInitResult
{
    public NativeResult Result;
    public void* Context;
}

/// <summary><c>OnEventResult_t</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct NativeEventResult
{
    public NativeResult Result;
    public byte Status;
}

/// <summary><c>Input_t</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct NativeInput
{
    public NativeBytes Id;
    public NativeBytes Data;
    public NativeBytes OpenTelemetryContext;
    public ulong TimestampNs;
    public byte IsArrow;
    public NativeApi* Api;
}

/// <summary><c>RawEvent_t</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct NativeEvent
{
    public NativeInput* Input;
    public NativeBytes InputClosed;
    public byte Stop;
    public NativeBytes Error;
    public NativeBytes InputRecovered;
    public NativeBytes NodeRestarted;
    public NativeBytes NodeFailed;
    public NativeBytes Reason;
    public NativeBytes DeadlineMissed;
}

/// <summary><c>Output_t</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct NativeOutput
{
    public NativeBytes Id;
    public NativeBytes Data;
    public NativeBytes OpenTelemetryContext;
}

/// <summary><c>SendOutput_t</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct NativeSender
{
    public void* Environment;
    public delegate* unmanaged[Cdecl]<void*, NativeOutput, NativeResult> Call;
    public delegate* unmanaged[Cdecl]<void*, void> Release;
    public delegate* unmanaged[Cdecl]<void*, void> Retain;
    public delegate* unmanaged[Cdecl]<void*, byte*, nuint, byte*, nuint, NativeResult> SendBytes;
    public NativeApi* Api;
}

/// <summary><c>DoraText_t</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct NativeText
{
    public byte* Pointer;
    public nuint Length;

    /// <summary>What lies there; empty for NULL.</summary>
    public readonly ReadOnlySpan<byte> Span => Pointer == null ? default : new ReadOnlySpan<byte>(Pointer, checked((int)Length));
}

/// <summary><c>DoraParameter_t</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct NativeParameter
{
    public NativeText Key;
    public int Kind; // dora_parameter_kind
    public nuint Count;
    public NativeValue Value;
}

/// <summary>The union in <c>DoraParameter_t</c>.</summary>
[StructLayout(LayoutKind.Explicit)]
internal unsafe struct NativeValue
{
    [FieldOffset(0)]
    public byte Boolean;

    [FieldOffset(0)]
    public long Integer;

    [FieldOffset(0)]
    public double Floating;

    [FieldOffset(0)]
    public NativeText String;

    [FieldOffset(0)]
    public long* Integers;

    [FieldOffset(0)]
    public double* Floats;

    [FieldOffset(0)]
    public NativeText* Strings;

    [FieldOffset(0)]
    public ulong TimestampNs;
}

/// <summary><c>DoraParameters_t</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct NativeParameters
{
    public NativeParameter* Pointer;
    public nuint Count;
}

/// <summary><c>DoraOperatorApi_t</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct NativeApi
{
    public nuint Size;
    public delegate* unmanaged[Cdecl]<NativeText, byte*, nuint, NativeParameters, NativeResult> Send;
    public delegate* unmanaged[Cdecl]<NativeText, nuint, delegate* unmanaged[Cdecl]<void*, byte*, nuint, byte>, void*, NativeParameters, NativeResult> SendInPlace;
    public delegate* unmanaged[Cdecl]<NativeText, CArray*, CSchema*, NativeParameters, NativeResult> SendArrow;
    public delegate* unmanaged[Cdecl]<NativeText, NativeResult> Forward;
    public delegate* unmanaged[Cdecl]<NativeParameters*, NativeResult> ReadParameters;
    public delegate* unmanaged[Cdecl]<CArray*, CSchema*, NativeResult> ReadArrow;
    public delegate* unmanaged[Cdecl]<int, NativeText, NativeResult> Log;
    public delegate* unmanaged[Cdecl]<NativeText, byte*, nuint, NativeResult> SaveState;
    public delegate* unmanaged[Cdecl]<NativeText, NativeResult> DeleteState;
    public delegate* unmanaged[Cdecl]<NativeResult> CommitState;
}

/// <summary><c>DoraStateEntry_t</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct NativeStateEntry
{
    public NativeText Key;
    public byte* Value;
    public nuint ValueLength;
}

/// <summary><c>DoraRestoreInfo_t</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct NativeRestoreInfo
{
    public nuint Size;
    public int Reason;
    public int Incarnation;
    public int Version;
    public NativeText* DamagedKeys;
    public nuint DamagedKeysLength;
}
