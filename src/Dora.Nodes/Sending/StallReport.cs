// SPDX-License-Identifier: Apache-2.0

using System.Collections.Concurrent;
using System.Globalization;
using Dora.Middleware;

namespace Dora.Nodes.Sending;

/// <summary>Says whom an output waits for, when it has waited for a second: a reader that keeps everything must not stop its sender in silence.</summary>
/// <remarks>Threading: any sending thread; the control thread names subscribers.</remarks>
internal sealed class StallReport(string outputId, SharedMemoryPublisher publisher, SendContext context)
{
    /// <summary>Waiting shorter than this is what back pressure is for.</summary>
    private const long QuietNs = 1_000_000_000;

    /// <summary>Least time between two lines about one output.</summary>
    private const long BetweenLinesNs = 10_000_000_000;

    private const int NamesMax = 3;

    private readonly ConcurrentDictionary<uint, string> _subscribers = []; // by edge
    private long _quietUntilNs = long.MinValue; // interlocked: the next line is written not before this time

    /// <summary>One sender's wait: made before the first attempt, given to each <see cref="Waited"/>.</summary>
    internal struct Wait
    {
        internal long SinceNs; // 0: it has not waited yet
        internal bool WasReported;
    }

    /// <summary>An edge has a reader, <c>node/input</c>.</summary>
    public void Connected(uint edgeId, string subscriber) => _subscribers[edgeId] = subscriber;

    /// <summary>An edge is gone.</summary>
    public void Disconnected(uint edgeId) => _subscribers.TryRemove(edgeId, out _);

    /// <summary>Before each slice of a wait. Allocates nothing, but for the one line of a stall.</summary>
    public void Waited(ref Wait wait)
    {
        var now = context.Monotonic.NowNs;
        if (wait.SinceNs == 0)
            wait.SinceNs = now;
        if (wait.WasReported || now - wait.SinceNs < QuietNs)
            return;
        wait.WasReported = true;
        var quietUntil = Interlocked.Read(ref _quietUntilNs);
        if (now >= quietUntil && Interlocked.CompareExchange(ref _quietUntilNs, now + BetweenLinesNs, quietUntil) == quietUntil)
            context.Warn?.Invoke(Describe());
    }

    private string Describe()
    {
        var uses = publisher.GetUse(out var slots);
        var causes = uses.Where(use => use.PushesBack).Select(use => Invariant($"the queue of '{Name(use)}' is full ({use.Queued} wait, it has {use.Slots} slots)")).ToArray();
        if (causes.Length == 0 && uses.Any(use => use.Slots > 0))
        {
            causes =
            [
                .. uses.Where(use => use.Slots > 0).OrderByDescending(use => use.Slots)
                    .Select(use => Invariant($"{use.Slots} of its {slots} slots are held by '{Name(use)}'")),
            ];
        }

        var text = causes.Length == 0 ? "no memory is free" : string.Join(", ", causes.Take(NamesMax));
        var more = causes.Length > NamesMax ? Invariant($" and {causes.Length - NamesMax} more") : "";
        return Invariant($"output '{outputId}' waits: {text}{more} (shared_memory_pool_size is {context.PoolBytesMax} bytes)");
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private string Name(EdgeUse use) => _subscribers.GetValueOrDefault(use.EdgeId, "?");
}
