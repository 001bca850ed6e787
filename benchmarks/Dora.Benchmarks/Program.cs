// SPDX-License-Identifier: Apache-2.0

using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Running;
using Dora.Benchmarks;
using Dora.Benchmarks.Scheduling;

if (args is ["scheduling", .. var rest])
    return SchedulingProgram.Run(rest); // what needs real time and threads measures itself
var config = DefaultConfig.Instance.WithArtifactsPath(Path.Combine("artifacts", "BenchmarkDotNet"));
return BenchmarkSwitcher.FromAssembly(typeof(OperatorHopBenchmarks).Assembly).Run(args, config).Any(summary => summary.HasCriticalValidationErrors) ? 1 : 0;
