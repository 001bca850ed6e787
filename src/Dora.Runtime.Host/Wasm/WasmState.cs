// SPDX-License-Identifier: Apache-2.0

using Dora.Operators;
using Wasmtime;

namespace Dora.Runtime.Host.Wasm;

/// <summary>The functions of the module <c>dora</c> for what an operator keeps beyond its instance: <c>docs/formats/wasm-operator.md</c>.</summary>
internal static class WasmState
{
    /// <summary>Adds them to a linker.</summary>
    public static void Define(Linker linker)
    {
        linker.DefineFunction<int, int, int, int, int>(WasmInterface.Module, "state_get", Get);
        linker.DefineFunction<int, int, int, int>(WasmInterface.Module, "state_set", Set);
        linker.DefineFunction<int, int, int>(WasmInterface.Module, "state_delete", Delete);
        linker.DefineFunction(WasmInterface.Module, "state_commit", static () => StateOf(WasmOperator.Current).Commit());
        linker.DefineFunction(WasmInterface.Module, "state_reason", static () => NumberOf(StateOf(WasmOperator.Current).Restored.Reason));
        linker.DefineFunction(WasmInterface.Module, "state_version", static () => StateOf(WasmOperator.Current).Restored.Version);
    }

    private static int Get(int key, int keyLength, int buffer, int capacity)
    {
        var op = WasmOperator.Current;
        return StateOf(op).TryGet(WasmParameters.Key(op, key, keyLength), out var value)
            ? WasmParameters.Write(op, value.Span, (uint)buffer, (uint)capacity)
            : WasmParameters.Absent;
    }

    private static void Set(int key, int keyLength, int value, int length)
    {
        var op = WasmOperator.Current;
        StateOf(op).Save(WasmParameters.Key(op, key, keyLength), op.Guest((uint)value, (uint)length, "the value for state_set"));
    }

    private static int Delete(int key, int keyLength)
    {
        var op = WasmOperator.Current;
        return StateOf(op).Delete(WasmParameters.Key(op, key, keyLength)) ? 1 : 0;
    }

    private static OperatorState StateOf(WasmOperator op) =>
        op.State ?? throw new WasmOperatorException("the descriptor gives the operator no state; add 'state: {}' to it");

    // Part of the interface: never renumbered.
    private static int NumberOf(RestoreReason reason) => reason switch
    {
        RestoreReason.FirstStart => 0,
        RestoreReason.OperatorFailed => 1,
        RestoreReason.RuntimeRestarted => 2,
        RestoreReason.PreviousRun => 3,
        RestoreReason.Reloaded => 4,
        _ => 5, // reset
    };
}
