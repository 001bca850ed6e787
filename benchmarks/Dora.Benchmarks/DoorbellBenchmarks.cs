// SPDX-License-Identifier: Apache-2.0

using BenchmarkDotNet.Attributes;
using Dora.Middleware;
using Dora.SharedMemory;

namespace Dora.Benchmarks;

/// <summary>What a sender pays for a subscriber that is awake, and a receiver for a wait that ends at its first look.</summary>
[MemoryDiagnoser]
public class DoorbellBenchmarks
{
    private SharedDoorbell _doorbell = null!;

    [GlobalSetup]
    public void SetUp()
    {
        using var memory = DoorbellMemory.Create();
        _doorbell = new SharedDoorbell(memory);
    }

    [GlobalCleanup]
    public void CleanUp() => _doorbell.Dispose();

    [Benchmark]
    public void RingNobody() => _doorbell.Ring();

    [Benchmark]
    public bool PrepareAndCancel()
    {
        _doorbell.Prepare();
        _doorbell.Cancel();
        return true;
    }

    /// <summary>One system call to wake, which finds nobody asleep in the kernel.</summary>
    [Benchmark]
    public void RingSomebodyAboutToSleep()
    {
        _doorbell.Prepare();
        _doorbell.Ring();
        _doorbell.Cancel();
    }
}
