// SPDX-License-Identifier: Apache-2.0

using System.Text;
using Dora.Operators;
using Dora.Protocol;
using Wasmtime;

namespace Dora.Runtime.Host.Wasm;

/// <summary>The functions of the module <c>dora</c>, which operators call. Every address comes from the operator and is checked.</summary>
/// <remarks>What throws here ends the call as a trap, and so the instance.</remarks>
internal static class WasmImports
{
    private const int LogBytesMax = 64 * 1024;

    /// <summary>Adds them to a linker.</summary>
    public static Linker Define(Linker linker)
    {
        linker.DefineFunction<int, int, int, int>(WasmInterface.Module, "send_output", SendOutput);
        linker.DefineFunction<int, int>(WasmInterface.Module, "forward_input", ForwardInput);
        linker.DefineFunction(WasmInterface.Module, "timestamp", static () => (long)WasmOperator.Current.TimestampNs);
        linker.DefineFunction<int, int, int>(WasmInterface.Module, "log", Log);
        linker.DefineFunction<int, int>(WasmInterface.Module, "set_error", SetError);
        linker.DefineFunction(WasmInterface.Module, "parameter_count", static () => WasmOperator.Current.Received.Count);
        linker.DefineFunction<int, int, int, int>(WasmInterface.Module, "parameter_key", ParameterKey);
        linker.DefineFunction<int, int, int>(WasmInterface.Module, "parameter_kind", ParameterKindOf);
        linker.DefineFunction<int, int, int, int, int, int>(WasmInterface.Module, "parameter_get", ParameterGet);
        linker.DefineFunction<int, int, int, int, int>(WasmInterface.Module, "parameter_set", ParameterSet);
        linker.DefineFunction(WasmInterface.Module, "parameters_copy", ParametersCopy);
        WasmState.Define(linker);
        return linker;
    }

    private static void SendOutput(int id, int idLength, int data, int length)
    {
        var op = WasmOperator.Current;
        var bytes = op.Guest((uint)data, (uint)length, "the data for send_output");
        Sender(op).Send(op.OutputId((uint)id, (uint)idLength), bytes, TakePending(op));
    }

    private static void ForwardInput(int id, int idLength)
    {
        var op = WasmOperator.Current;
        var output = Sender(op);
        using var sample = new RetainedSample(op.Sample ?? throw new WasmOperatorException("forward_input: this event is no input"));
        output.Forward(op.OutputId((uint)id, (uint)idLength), sample, TakePending(op));
    }

    private static void Log(int level, int message, int length)
    {
        var op = WasmOperator.Current;
        if (level is < 0 or > 4)
            throw new WasmOperatorException($"log: there is no level {level}; 0 is error, 4 is trace");
        var text = op.Guest((uint)message, (uint)length, "the message for log");
        OperatorLog.Write(level, op.Id, Encoding.UTF8.GetString(text[..Math.Min(text.Length, LogBytesMax)]));
    }

    private static void SetError(int message, int length)
    {
        var op = WasmOperator.Current;
        var text = op.Guest((uint)message, (uint)length, "the text for set_error");
        op.Error = Encoding.UTF8.GetString(text[..Math.Min(text.Length, LogBytesMax)]);
    }

    private static int ParameterKey(int index, int buffer, int capacity)
    {
        var op = WasmOperator.Current;
        return index < 0 || index >= op.Received.Count
            ? WasmParameters.Absent
            : WasmParameters.Write(op, Encoding.UTF8.GetBytes(op.Received.Keys.ElementAt(index)), (uint)buffer, (uint)capacity);
    }

    private static int ParameterKindOf(int key, int keyLength)
    {
        var op = WasmOperator.Current;
        return op.Received.TryGetValue(WasmParameters.Key(op, key, keyLength), out var value) ? WasmParameters.NumberOf(value.Kind) : 0;
    }

    private static int ParameterGet(int key, int keyLength, int kind, int buffer, int capacity)
    {
        var op = WasmOperator.Current;
        if (!op.Received.TryGetValue(WasmParameters.Key(op, key, keyLength), out var value))
            return WasmParameters.Absent;
        return WasmParameters.NumberOf(value.Kind) == kind ? WasmParameters.Write(op, WasmParameters.Bytes(value), (uint)buffer, (uint)capacity) : WasmParameters.OtherKind;
    }

    private static void ParameterSet(int key, int keyLength, int kind, int value, int length)
    {
        var op = WasmOperator.Current;
        var name = WasmParameters.Key(op, key, keyLength);
        var bytes = op.Guest((uint)value, (uint)length, $"the value of parameter '{name}'");
        (op.Pending ??= [])[name] = WasmParameters.Value(name, kind, bytes);
    }

    private static void ParametersCopy()
    {
        var op = WasmOperator.Current;
        op.Pending ??= [];
        foreach (var (key, value) in op.Received)
            op.Pending[key] = value;
    }

    private static OutputSender Sender(WasmOperator op) =>
        op.Output ?? throw new WasmOperatorException("outputs can be sent only during dora_on_event");

    private static MetadataParameters? TakePending(WasmOperator op)
    {
        var pending = op.Pending;
        op.Pending = null;
        return pending;
    }
}
