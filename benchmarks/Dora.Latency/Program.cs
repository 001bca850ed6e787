// SPDX-License-Identifier: Apache-2.0

using Dora.Latency;
using Dora.Latency.Nodes;
using Dora.Latency.Running;

try
{
    return args is ["node", var role, .. var settings]
        ? NodeProgram.Run(role, new NodeSettings(settings))
        : Benchmark.Run(Options.Parse(args), Console.Out, Console.Error);
}
catch (UnsupportedCaseException e)
{
    Console.Error.WriteLine(e.Message);
    return 3;
}
catch (UsageException e)
{
    Console.Error.WriteLine($"{e.Message}\n\n{Options.Usage}");
    return 2;
}
catch (BenchmarkFailedException e)
{
    Console.Error.WriteLine(e.Message);
    return 1;
}
