// SPDX-License-Identifier: Apache-2.0

using System.Collections.Concurrent;
using Dora.Dataflows.Graph;
using Dora.Platform.Files;
using Dora.Protocol;

namespace Dora.Daemon.Logs;

/// <summary>How logs are kept.</summary>
public sealed record LogOptions
{
    /// <summary>Folder for <c>log_&lt;node&gt;.jsonl</c>, made when the first line comes; null: no files.</summary>
    public string? Directory { get; init; }

    /// <summary>Lines per second that a node may write for long; more are counted and dropped.</summary>
    public int LinesPerSecond { get; init; } = 5_000;

    /// <summary>Lines that a node may write at once.</summary>
    public int Burst { get; init; } = 10_000;

    /// <summary>Size at which files of nodes that do not say otherwise are rotated, bytes.</summary>
    public long MaxFileBytes { get; init; } = 50 << 20;
}

/// <summary>The logs of one dataflow: reads what all nodes write, with one thread and bounded memory.</summary>
/// <remarks>
/// <para>Memory per node: the longest line under way of each stream (64 KiB), a file buffer (64 KiB), and the tail.</para>
/// <para>Threading: <see cref="AddNode"/> before the poll hears of the node; the rest is said at each member of <see cref="NodeLog"/>.</para>
/// </remarks>
public sealed class LogHub : IDisposable
{
    private static readonly TimeSpan TickInterval = TimeSpan.FromMilliseconds(500);

    private readonly ConcurrentDictionary<NodeId, NodeLog> _nodes = new();
    private readonly Timer _tick;
    private readonly EventPoll _poll;
    private int _isTickArmed; // 1 from the first thing that waits for a tick until that tick begins; any thread

    /// <summary>Starts empty.</summary>
    /// <param name="poll">Whose thread reads and writes; best the one that also hears the launchers.</param>
    /// <param name="sink">Gets every entry.</param>
    /// <param name="options">How.</param>
    /// <param name="time">Clock.</param>
    public LogHub(EventPoll poll, ILogSink sink, LogOptions options, TimeProvider time)
    {
        _poll = poll;
        Sink = sink;
        Options = options;
        Time = time;
        _tick = new Timer(_ => _poll.Post(Tick));
    }

    internal ILogSink Sink { get; }
    internal LogOptions Options { get; }
    internal TimeProvider Time { get; }
    internal byte[] ReadBuffer { get; } = new byte[64 << 10]; // the poll's thread, within one read

    /// <summary>Prepares for a node.</summary>
    /// <param name="node">Its id; added once, whatever the number of its restarts.</param>
    /// <param name="settings">What the descriptor says.</param>
    /// <param name="environment">The node's whole environment, for the secrets in it.</param>
    public NodeLog AddNode(NodeId node, LogSettings settings, IEnumerable<KeyValuePair<string, string>> environment) =>
        _nodes[node] = new NodeLog(this, _poll, node, settings, new SecretMask(environment));

    /// <summary>Writes everything out and closes the files. The poll must still run, or the caller be its thread.</summary>
    public void Dispose()
    {
        _tick.Dispose();
        if (_poll.IsCurrentThread)
        {
            CloseAll();
            return;
        }
        using var closed = new ManualResetEventSlim();
        _poll.Post(() =>
        {
            CloseAll();
            closed.Set();
        });
        closed.Wait();
    }

    /// <summary>Something waits to be written out or told: sees to it that each node's <see cref="NodeLog.Tick"/> comes soon. Any thread.</summary>
    /// <remarks>There is no standing timer: nodes that write nothing must not cost the daemon anything.</remarks>
    internal void ArmTick()
    {
        if (Volatile.Read(ref _isTickArmed) == 0 && Interlocked.Exchange(ref _isTickArmed, 1) == 0)
            _tick.Change(TickInterval, Timeout.InfiniteTimeSpan);
    }

    private void CloseAll()
    {
        foreach (var node in _nodes.Values)
            node.Dispose();
    }

    private void Tick()
    {
        Volatile.Write(ref _isTickArmed, 0); // before looking: what comes from here on arms anew
        Interlocked.MemoryBarrier();
        foreach (var node in _nodes.Values)
            node.Tick();
    }
}
