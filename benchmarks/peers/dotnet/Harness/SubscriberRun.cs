// SPDX-License-Identifier: Apache-2.0

using System.Runtime.InteropServices;

namespace Dora.Peers.Harness;

/// <summary>What a subscriber hands to the publisher's process when it is done, as a file of 64-bit numbers.</summary>
internal sealed record SubscriberReport(Usage Used, long FirstNs, long[] LatenciesNs)
{
    public void Save(string path)
    {
        long[] numbers = [(long)(Used.CpuUs * 1000), Used.AllocatedBytes, FirstNs, .. LatenciesNs];
        File.WriteAllBytes(path, MemoryMarshal.AsBytes(numbers.AsSpan()));
    }

    public static SubscriberReport Load(string path)
    {
        var numbers = MemoryMarshal.Cast<byte, long>(File.ReadAllBytes(path));
        return new SubscriberReport(new Usage(0, numbers[0] / 1000.0, numbers[1]), numbers[2], numbers[3..].ToArray());
    }
}

/// <summary>The subscriber's loop, the same for every peer.</summary>
internal static class SubscriberRun
{
    public static async Task RunAsync(PeerOptions options, Link link, int creditWindow, string reportPath)
    {
        var payloads = new Payloads(options);
        long[] latencies = options.Case == BenchmarkCase.Paced ? new long[options.Messages] : [];
        long next = 0, marked = long.MaxValue, firstNs = 0;
        int creditStep = Math.Max(1, creditWindow / 4);
        Usage start = default;
        while (true)
        {
            var frame = await link.ReceiveAsync().ConfigureAwait(false);
            long receivedNs = Usage.NowNs;
            switch (frame.Header.Kind)
            {
                case FrameKind.Data:
                    if (next == 0)
                    {
                        firstNs = receivedNs - frame.Header.StampNs;
                        payloads.CheckBytes(frame); // once, whatever --fill says
                    }

                    if (next >= marked && options.Case == BenchmarkCase.Paced)
                        latencies[next - marked] = receivedNs - frame.Header.StampNs;
                    payloads.Check(frame, next++);
                    if (options.Case == BenchmarkCase.PingPong)
                        await link.SendAsync(frame.Header with { StampNs = Usage.NowNs }, payloads.Source).ConfigureAwait(false);
                    else if (creditWindow > 0 && next % creditStep == 0)
                        await link.SendAsync(new FrameHeader(0, FrameKind.Credit, next, 0), default).ConfigureAwait(false);
                    break;
                case FrameKind.Mark:
                    marked = next;
                    start = Usage.Read();
                    await link.SendAsync(frame.Header, default).ConfigureAwait(false);
                    break;
                case FrameKind.End:
                    var used = Usage.Read() - start;
                    if (next - marked != options.Messages)
                        throw new InvalidDataException($"{next - marked} messages came, {options.Messages} were sent");
                    new SubscriberReport(used, firstNs, latencies).Save(reportPath);
                    await link.SendAsync(frame.Header, default).ConfigureAwait(false);
                    return;
                default:
                    throw new InvalidDataException($"unexpected frame {frame.Header.Kind}");
            }
        }
    }
}
