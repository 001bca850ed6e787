// SPDX-License-Identifier: Apache-2.0

namespace Dora.Peers.Harness;

/// <summary>The publisher's loop, the same for every peer, and the figures that come out of it.</summary>
internal sealed class PublisherRun(PeerOptions options, PublisherEnd end)
{
    // Tier-1 code is there about 0.1 s after a method got hot; twice, because tiering restarts with each newly hot method.
    private const long WarmupNsMin = 300_000_000;

    private readonly Payloads _payloads = new(options);
    private readonly long[] _credits = new long[options.Fan];
    private long _next;
    private long _firstNs;

    /// <summary>Runs warm-up and measurement; the subscribers have saved their reports when it returns.</summary>
    public async Task<RunResult> RunAsync()
    {
        long[] latencies = options.Case == BenchmarkCase.PingPong ? new long[options.Messages] : [];
        long warmUntil = Usage.NowNs + WarmupNsMin;
        while (_next < options.Warmup || Usage.NowNs < warmUntil)
            await SendOneAsync().ConfigureAwait(false);
        await SynchroniseAsync(FrameKind.Mark).ConfigureAwait(false);

        double othersBefore = end.OthersCpuUs;
        var before = Usage.Read();
        double periodNs = 1e9 / options.RateHz;
        for (int i = 0; i < options.Messages; i++)
        {
            if (options.Case == BenchmarkCase.Paced)
                Clock.SleepUntil(before.TimeNs + (long)(periodNs * (i + 1)));
            long halfNs = await SendOneAsync().ConfigureAwait(false);
            if (options.Case == BenchmarkCase.PingPong)
                latencies[i] = halfNs;
        }

        await SynchroniseAsync(FrameKind.End).ConfigureAwait(false);
        return new RunResult(Usage.Read() - before, end.OthersCpuUs - othersBefore, _firstNs, latencies);
    }

    /// <summary>Sends the next message; in ping-pong waits for its answer and returns half the time between.</summary>
    private async ValueTask<long> SendOneAsync()
    {
        while (end.CreditWindow > 0 && options.Case != BenchmarkCase.PingPong && _next - SlowestCredit() >= end.CreditWindow)
            await TakeCreditAsync().ConfigureAwait(false);

        long sentNs = Usage.NowNs;
        await end.SendAsync(new FrameHeader(options.SizeBytes, FrameKind.Data, _next, sentNs), _payloads.Source).ConfigureAwait(false);
        if (options.Case != BenchmarkCase.PingPong)
        {
            _next++;
            return 0;
        }

        var answer = await end.ReceiveAsync(0).ConfigureAwait(false);
        long halfNs = (Usage.NowNs - sentNs) / 2;
        _payloads.Check(answer, _next);
        if (_next++ == 0)
        {
            _firstNs = halfNs;
            _payloads.CheckBytes(answer); // every byte at least once, whatever --fill says
        }

        return halfNs;
    }

    private async ValueTask SynchroniseAsync(FrameKind kind)
    {
        await end.SendAsync(new FrameHeader(0, kind, 0, 0), default).ConfigureAwait(false);
        for (int i = 0; i < options.Fan; i++)
        {
            while (await ReceiveControlAsync(i).ConfigureAwait(false) != kind)
            {
            }
        }
    }

    private long SlowestCredit()
    {
        long slowest = long.MaxValue;
        foreach (long credit in _credits)
            slowest = Math.Min(slowest, credit);
        return slowest;
    }

    private async ValueTask TakeCreditAsync()
    {
        int slowest = Array.IndexOf(_credits, SlowestCredit());
        await ReceiveControlAsync(slowest).ConfigureAwait(false);
    }

    private async ValueTask<FrameKind> ReceiveControlAsync(int subscriber)
    {
        var frame = await end.ReceiveAsync(subscriber).ConfigureAwait(false);
        if (frame.Header.Kind == FrameKind.Credit)
            _credits[subscriber] = frame.Header.Sequence;
        return frame.Header.Kind;
    }
}

/// <summary>What the publisher's process measured.</summary>
internal sealed record RunResult(Usage Used, double OthersCpuUs, long FirstNs, long[] LatenciesNs);
