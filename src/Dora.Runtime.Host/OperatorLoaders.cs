// SPDX-License-Identifier: Apache-2.0

using Dora.Protocol.Messages;
using Dora.Runtime.Host.CSharp;

namespace Dora.Runtime.Host;

/// <summary>Which loader is for which kind of operator.</summary>
internal static class OperatorLoaders
{
    /// <summary>Loads an operator of any kind that there is a loader for.</summary>
    /// <exception cref="OperatorLoadException">It cannot be loaded.</exception>
    public static IOperatorFactory Load(OperatorConfig config)
    {
        foreach (var (name, value) in config.Env)
        {
            Environment.SetEnvironmentVariable(name, value); // one environment for all operators of the process: the last one wins
        }

        return config.Kind switch
        {
            "csharp" => CSharpOperatorFactory.Load(config),
            _ => throw new OperatorLoadException(
                config.OperatorId, $"operators of kind '{config.Kind}' cannot be run yet; write it in C#, or make it a node"),
        };
    }
}
