// SPDX-License-Identifier: Apache-2.0

using Dora.Protocol.Messages;
using Dora.Runtime.Host.CSharp;
using Dora.Runtime.Host.Native;
using Dora.Runtime.Host.Python;
using Dora.Runtime.Host.Wasm;

namespace Dora.Runtime.Host;

/// <summary>Which loader is for which kind of operator. One for the process, whose environment all its operators have in common.</summary>
internal sealed class OperatorLoaders
{
    private readonly Dictionary<string, (string Operator, string Value)> _environment = []; // what operators have set so far

    /// <summary>Loads an operator of any kind that there is a loader for.</summary>
    /// <exception cref="OperatorLoadException">It cannot be loaded, or wants another value of a variable than an operator before it.</exception>
    public IOperatorFactory Load(OperatorConfig config)
    {
        foreach (var (name, value) in config.Env)
        {
            Set(config.OperatorId, name, value);
        }

        return config.Kind switch
        {
            "csharp" => CSharpOperatorFactory.Load(config),
            "shared-library" => NativeOperatorFactory.Load(config),
            "python" => PythonOperatorFactory.Load(config),
            "wasm" => WasmOperatorFactory.Load(config),
            _ => throw new OperatorLoadException(
                config.OperatorId, $"this runtime does not know operators of kind '{config.Kind}'; is dora-runtime of the same version as dora?"),
        };
    }

    private void Set(string operatorId, string name, string value)
    {
        if (_environment.TryGetValue(name, out var first) && first.Value != value)
        {
            throw new OperatorLoadException(
                operatorId,
                $"it sets {name} to '{value}', but operator '{first.Operator}' of the same runtime sets it to '{first.Value}', and a process has one "
                + "environment; give both the same value, or put one of them into another runtime node");
        }

        _environment.TryAdd(name, (operatorId, value));
        Environment.SetEnvironmentVariable(name, value);
    }
}
