// SPDX-License-Identifier: Apache-2.0

using System.Text;
using Wasmtime;

namespace Dora.Runtime.Host.Wasm;

/// <summary>An operator in WebAssembly trapped, broke the rules of its interface, or reported an error. Its store is not used again.</summary>
/// <param name="summary">One line: what, and in which function.</param>
/// <param name="stack">The module's functions that were running, one a line.</param>
internal sealed class WasmOperatorException(string summary, string stack = "") : ForeignOperatorException(summary)
{
    private const int FramesMax = 32;

    /// <summary>The line, and the module's stack below it.</summary>
    public override string ToString() => stack.Length == 0 ? Message : $"{Message}\n{stack}";

    /// <summary>What ended a call into a module.</summary>
    /// <param name="e">From Wasmtime: a trap, or an exception of one of the imports.</param>
    /// <param name="limits">Of the operator; what they are is said where one was hit.</param>
    /// <param name="memoryBytes">What the memory has grown to.</param>
    public static WasmOperatorException Of(WasmtimeException e, WasmLimits limits, long memoryBytes)
    {
        var cause = Causes(e).FirstOrDefault(inner => inner is not WasmtimeException); // of one of the imports
        var frames = e.Frames ?? [];
        var what = cause?.Message ?? TextOf(e, limits, memoryBytes);
        return new WasmOperatorException(what + Place(frames), Stack(frames));
    }

    private static IEnumerable<Exception> Causes(Exception e)
    {
        for (var cause = e.InnerException; cause is not null; cause = cause.InnerException)
            yield return cause;
    }

    private static string TextOf(WasmtimeException e, WasmLimits limits, long memoryBytes)
    {
        if (e is not TrapException trap)
            return FirstLine(e.Message);
        var full = memoryBytes + Memory.PageSize > limits.MemoryBytes ? $"; its memory has grown to its limit of {limits.MemoryBytes} bytes ('memory')" : "";
        return trap.Type switch
        {
            TrapCode.Interrupt => $"it did not return within {limits.Timeout.TotalSeconds:0.###} s ('timeout')",
            TrapCode.OutOfFuel => $"it used up its {limits.Fuel} instructions for one event ('fuel')",
            TrapCode.Unreachable => $"it gave up (the instruction 'unreachable', as after a panic or an abort){full}",
            TrapCode.MemoryOutOfBounds => $"it used memory beyond the {memoryBytes} bytes that it has{full}",
            TrapCode.StackOverflow => "its stack overflowed",
            TrapCode.IntegerDivisionByZero => "it divided by zero",
            TrapCode.IntegerOverflow => "a whole number overflowed",
            TrapCode.BadConversionToInteger => "it converted a number that fits no integer",
            TrapCode.IndirectCallToNull => "it called a null function pointer",
            TrapCode.BadSignature => "it called a function through a pointer of another type",
            TrapCode.TableOutOfBounds => "it used a function pointer that is none",
            _ => $"it trapped: {FirstLine(e.Message)}",
        };
    }

    private static string Place(IReadOnlyList<TrapFrame> frames) =>
        frames.FirstOrDefault(frame => !string.IsNullOrEmpty(frame.FunctionName)) is { } frame ? $", in function '{frame.FunctionName}'" : "";

    private static string Stack(IReadOnlyList<TrapFrame> frames)
    {
        var text = new StringBuilder();
        foreach (var frame in frames.Take(FramesMax))
            text.Append(text.Length == 0 ? "" : "\n").Append($"   at {(string.IsNullOrEmpty(frame.FunctionName) ? "?" : frame.FunctionName)} (offset 0x{(ulong)frame.ModuleOffset:x})");
        return text.ToString();
    }

    internal static string FirstLine(string text) => text.Split('\n', 2)[0].Trim();
}
