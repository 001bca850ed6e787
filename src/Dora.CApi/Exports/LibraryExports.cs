// SPDX-License-Identifier: Apache-2.0

using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Dora.CApi.Handles;

namespace Dora.CApi.Exports;

/// <summary><c>dora/dora.h</c>: the library itself.</summary>
internal static unsafe class LibraryExports
{
    /// <summary>Grows by one when something is added to the header, by 1,000 when something in it changes.</summary>
    public const int AbiVersion = 1000;

    private static readonly NativeText Version = NativeText.Copy(
        typeof(LibraryExports).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "");

    [UnmanagedCallersOnly(EntryPoint = "dora_abi_version", CallConvs = [typeof(CallConvCdecl)])]
    public static uint GetAbiVersion() => AbiVersion;

    [UnmanagedCallersOnly(EntryPoint = "dora_version", CallConvs = [typeof(CallConvCdecl)])]
    public static byte* GetVersion() => Version.Data;

    [UnmanagedCallersOnly(EntryPoint = "dora_last_error", CallConvs = [typeof(CallConvCdecl)])]
    public static byte* GetLastError() => LastError.Text;
}
