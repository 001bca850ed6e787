// SPDX-License-Identifier: Apache-2.0

using BenchmarkDotNet.Attributes;
using Dora.Middleware;

namespace Dora.Benchmarks;

/// <summary>One message: sent, taken, given back, by one thread, so without what cache lines cost that go from core to core.</summary>
[MemoryDiagnoser]
public class MessageBenchmarks
{
    private readonly byte[] _bytes = new byte[4096];
    private Edges _edges = null!;

    [Params(1, 4)]
    public int Subscribers { get; set; }

    [GlobalSetup]
    public void SetUp() => _edges = new Edges(Subscribers);

    [GlobalCleanup]
    public void CleanUp() => _edges.Dispose();

    /// <summary>In the cell of the ring.</summary>
    [Benchmark(Baseline = true)]
    public int Inline8B() => Send(_bytes.AsSpan(0, 8));

    /// <summary>In a slot, copied once.</summary>
    [Benchmark]
    public int Slot4KiB() => Send(_bytes);

    /// <summary>In a slot, not copied.</summary>
    [Benchmark]
    public int Loan4KiB()
    {
        _ = _edges.Publisher.TryLoan(4096, 0, out var loan);
        _ = _edges.Publisher.TryCommit(ref loan, 4096, 0, timestampNs: 1);
        loan.Dispose();
        return _edges.TakeAll();
    }

    private int Send(ReadOnlySpan<byte> payload)
    {
        if (_edges.Publisher.TrySend(payload, default, timestampNs: 1) != SendStatus.Sent)
            throw new InvalidOperationException("not sent");
        return _edges.TakeAll();
    }
}
