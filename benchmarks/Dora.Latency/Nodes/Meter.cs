// SPDX-License-Identifier: Apache-2.0

namespace Dora.Latency.Nodes;

/// <summary>What one node uses between two moments: time on a core, memory allocated by the calling thread, page faults.</summary>
/// <remarks>Threading: the thread that sends or receives. Neither call allocates within the span that it measures.</remarks>
internal sealed class Meter
{
    private readonly int _daemon; // 0: somebody else watches it
    private long _cpuNs, _faults, _switches, _daemonNs, _allocated;
    private int _collections;

    /// <param name="watchDaemon">One node of a dataflow measures the daemon, too.</param>
    public Meter(bool watchDaemon)
    {
        _daemon = watchDaemon ? ProcessUsage.FindDaemon() : 0;
        Start(); // once in vain, so that what it needs is loaded
        Stop();
    }

    public void Start()
    {
        _daemonNs = _daemon == 0 ? 0 : -ProcessUsage.CpuNsOf(_daemon);
        _collections = -GC.CollectionCount(0);
        var (cpuNs, faults, switches) = ProcessUsage.OfThisProcess();
        (_cpuNs, _faults, _switches) = (-cpuNs, -faults, -switches);
        _allocated = -GC.GetAllocatedBytesForCurrentThread();
        StartedNs = Clock.Now;
    }

    public void Stop()
    {
        StoppedNs = Clock.Now;
        _allocated += GC.GetAllocatedBytesForCurrentThread();
        var (cpuNs, faults, switches) = ProcessUsage.OfThisProcess();
        (_cpuNs, _faults, _switches) = (_cpuNs + cpuNs, _faults + faults, _switches + switches);
        _collections += GC.CollectionCount(0);
        if (_daemon != 0)
            _daemonNs += ProcessUsage.CpuNsOf(_daemon);
    }

    public long StartedNs { get; private set; }

    public long StoppedNs { get; private set; }

    public void WriteTo(ResultFile result)
    {
        result.Add("started_ns", StartedNs);
        result.Add("stopped_ns", StoppedNs);
        result.Add("cpu_ns", _cpuNs);
        result.Add("faults", _faults);
        result.Add("switches", _switches);
        result.Add("allocated", _allocated);
        result.Add("collections", _collections);
        if (_daemon != 0)
            result.Add("daemon_cpu_ns", _daemonNs);
    }
}
