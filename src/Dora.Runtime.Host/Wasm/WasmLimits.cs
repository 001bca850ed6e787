// SPDX-License-Identifier: Apache-2.0

using Dora.Protocol.Messages;

namespace Dora.Runtime.Host.Wasm;

/// <summary>What one operator may use.</summary>
/// <param name="MemoryBytes">Bound on its linear memory.</param>
/// <param name="Timeout">For one call of the module.</param>
/// <param name="Fuel">Instructions for one call, about; 0: no bound.</param>
internal readonly record struct WasmLimits(long MemoryBytes, TimeSpan Timeout, ulong Fuel)
{
    /// <summary>What the descriptor says; where it says nothing, 64 MiB, 1 s and no fuel.</summary>
    public static WasmLimits Of(OperatorConfig config) => config.Wasm is { } wasm
        ? new(
            (long)Math.Clamp(wasm.MemoryBytesMax, 1, 1UL << 32), // what 32-bit addresses reach
            TimeSpan.FromMicroseconds(Math.Clamp(wasm.TimeoutNs / 1000.0, 1, TimeSpan.FromDays(3653).TotalMicroseconds)),
            wasm.Fuel)
        : new(64L << 20, TimeSpan.FromSeconds(1), 0);
}
