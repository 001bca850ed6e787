// SPDX-License-Identifier: Apache-2.0

using Dora.Platform.Memory;
using Dora.SharedMemory;
using Microsoft.Win32.SafeHandles;

namespace Dora.SimulationTests.Rings;

/// <summary>A sender waits for space in a full queue while the control thread closes the edge: it must wake.</summary>
/// <remarks>The lock is the publisher's, in the order of <c>SharedMemoryPublisher.WaitForSpace</c> and <c>CloseEdge</c>.</remarks>
internal sealed unsafe class ClosingScenario : IScenario, IDisposable
{
    private readonly SafeFileHandle _edge = EdgeMemory.Create(queueSize: 1);
    private readonly SafeFileHandle _doorbell = DoorbellMemory.Create();
    private readonly SlotPool _pool = new();
    private EdgeSender<ModelMemory> _sender = null!;
    private int _lock = -1;
    private bool _isOpen; // under the lock

    public string[] Names { get; } = ["publisher", "control"];

    public Action[] SetUp(Explorer explorer)
    {
        if (_lock < 0)
            _lock = explorer.Places.New("lock");
        var mapping = MemoryMapping.Map(_edge, MemFd.GetLength(_edge), writable: true);
        var bell = MemoryMapping.Map(_doorbell, DoorbellLayout.TotalBytes, writable: true);
        explorer.Places.Add(mapping, 1);
        explorer.Places.Add(bell, 2);
        explorer.Places.Name(1, EdgeLayout.SenderWaiting, "SenderWaiting");
        _sender = new EdgeSender<ModelMemory>(1, EdgeLayout.HeaderFor(1), mapping, new MappedDoorbell<ModelMemory>(bell), mayDrop: false) { Index = 0 };
        _sender.Publish(new EdgeCell { Sequence = 1, Slot = EdgeLayout.InlineSlot }, segment: null, isCorrelated: false, _pool);
        _isOpen = true;
        return [WaitForSpace, Close];
    }

    public void Check()
    {
        // Both have ended: that is all.
    }

    public void TearDown()
    {
        if (_isOpen)
            _sender.Dispose();
    }

    public void Dispose()
    {
        _edge.Dispose();
        _doorbell.Dispose();
    }

    private void WaitForSpace()
    {
        while (true)
        {
            SpaceWait<ModelMemory>? wait = null;
            Enter();
            if (_isOpen && MustWait())
            {
                wait = _sender.PrepareWait();
                if (!MustWait())
                {
                    wait.Value.End();
                    wait = null;
                }
            }

            Leave();
            if (wait is not { } space)
                return;
            space.Sleep(TimeSpan.FromSeconds(1));
            space.End();
        }
    }

    private void Close()
    {
        Enter();
        _isOpen = false;
        _sender.Dispose();
        Leave();
    }

    private bool MustWait() => _sender.MustWait(needsSlot: false, isCorrelated: false, _pool);

    private void Enter() => ModelThread.Current.Do(new Access(AccessKind.Lock, _lock));

    private void Leave() => ModelThread.Current.Do(new Access(AccessKind.Unlock, _lock));
}
