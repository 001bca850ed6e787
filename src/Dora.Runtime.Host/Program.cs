// SPDX-License-Identifier: Apache-2.0

using Dora.Nodes;
using Dora.Runtime;
using Dora.Runtime.Host;

try
{
    var result = OperatorRuntime.RunFromEnv(new OperatorLoaders().Load, node =>
    {
        StrayExceptions.LogTo(node);
        OperatorLog.LogTo(node);
    });
    foreach (var failed in result.FailedOperators)
    {
        Console.Error.WriteLine($"dora-runtime: operator '{failed}' failed");
    }

    return result.FailedOperators.Count == 0 ? 0 : 1;
}
catch (OperatorLoadException e)
{
    Console.Error.WriteLine($"dora-runtime: {e.Message}");
    if (e.InnerException is { } inner)
    {
        Console.Error.WriteLine(inner);
    }

    return 1;
}
catch (NodeConnectionException e)
{
    Console.Error.WriteLine($"dora-runtime: {e.Message}");
    return 1;
}
