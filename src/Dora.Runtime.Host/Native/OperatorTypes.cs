// SPDX-License-Identifier: Apache-2.0

using System.Runtime.InteropServices;

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
internal struct NativeInput
{
    public NativeBytes Id;
    public NativeBytes Data;
    public NativeBytes OpenTelemetryContext;
    public ulong TimestampNs;
}

/// <summary><c>RawEvent_t</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct NativeEvent
{
    public NativeInput* Input;
    public NativeBytes InputClosed;
    public byte Stop;
    public NativeBytes Error;
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
}
