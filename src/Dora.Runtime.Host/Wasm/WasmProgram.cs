// SPDX-License-Identifier: Apache-2.0

using Wasmtime;

namespace Dora.Runtime.Host.Wasm;

/// <summary>A compiled module that is known to be an operator.</summary>
/// <param name="OperatorId">Whose.</param>
/// <param name="Engine">That compiled it.</param>
/// <param name="Module">The code.</param>
/// <param name="Limits">Of each instance.</param>
internal sealed record WasmProgram(string OperatorId, WasmEngine Engine, Module Module, WasmLimits Limits)
{
    private const long ModuleBytesMax = 256L << 20; // compiling takes many times as much

    /// <summary>Reads, compiles and checks a file.</summary>
    /// <exception cref="OperatorLoadException">It is not there or is no operator; the message says what to do.</exception>
    public static WasmProgram Load(string operatorId, string path, WasmLimits limits)
    {
        try
        {
            if (new FileInfo(path).Length > ModuleBytesMax)
                throw Failed($"'{path}' is larger than {ModuleBytesMax >> 20} MiB");
            var engine = WasmEngine.For(limits.Fuel > 0);
            var module = engine.Compile(Path.GetFileName(path), File.ReadAllBytes(path));
            return WasmInterface.Problem(module) is { } problem
                ? throw Failed($"'{path}' cannot be used: {problem}")
                : new WasmProgram(operatorId, engine, module, limits);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw Failed($"there is no file '{path}'; build the operator first, or correct its path");
        }
        catch (IOException e)
        {
            throw Failed($"'{path}' cannot be read: {e.Message}", e);
        }
        catch (WasmtimeException e)
        {
            throw Failed($"'{path}' is no WebAssembly module that can be used: {WasmOperatorException.FirstLine(e.Message)}");
        }
        catch (DllNotFoundException e)
        {
            throw Failed($"WebAssembly needs libwasmtime, which belongs beside dora-runtime: {e.Message}", e);
        }

        OperatorLoadException Failed(string message, Exception? inner = null) => new(operatorId, message, inner);
    }
}
