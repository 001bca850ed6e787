// SPDX-License-Identifier: Apache-2.0

using Dora.Operators;
using Dora.Protocol.Messages;

namespace Dora.Runtime.Host.Wasm;

/// <summary>Makes instances of an operator in WebAssembly, each with memory of its own.</summary>
internal sealed class WasmOperatorFactory : IOperatorFactory
{
    private readonly string _operatorId;
    private string _path;
    private readonly WasmLimits _limits;
    private WasmProgram _program;
    private WasmOperator? _next; // made to ask for its version; not initialised

    private WasmOperatorFactory(string operatorId, string path, WasmLimits limits)
    {
        _operatorId = operatorId;
        _path = path;
        _limits = limits;
        (_program, _next) = LoadProgram(path);
    }

    /// <summary>Loads the module of an operator; its <c>source</c> is the path of the file.</summary>
    /// <exception cref="OperatorLoadException">It is not there or is no operator; the message says what to do.</exception>
    public static WasmOperatorFactory Load(OperatorConfig config) => new(config.OperatorId, config.Source, WasmLimits.Of(config));

    public IOperator Create() => Make(null);

    public IOperator Create(Operators.OperatorState state) => Make(state);

    private WasmOperator Make(Operators.OperatorState? state)
    {
        var instance = Interlocked.Exchange(ref _next, null) ?? new WasmOperator(_program);
        instance.Start(state);
        return instance;
    }

    public void Reload(string? source = null)
    {
        var path = source ?? _path;
        var (program, next) = LoadProgram(path); // throws with the old one still in place
        _path = path;
        Interlocked.Exchange(ref _next, next)?.Dispose();
        _program = program;
    }

    private (WasmProgram Program, WasmOperator First) LoadProgram(string path)
    {
        var program = WasmProgram.Load(_operatorId, path, _limits);
        try
        {
            return (program, new WasmOperator(program));
        }
        catch (WasmOperatorException e)
        {
            throw new OperatorLoadException(_operatorId, $"'{path}' cannot be used: {e.Message}");
        }
    }
}
