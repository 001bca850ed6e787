// SPDX-License-Identifier: Apache-2.0

using System.Diagnostics;
using Dora.Platform.Memory;
using Dora.Platform.Synchronization;

namespace Dora.UnitTests.Platform.Synchronization;

public sealed unsafe class FutexTests : IDisposable
{
    private readonly MemoryMapping _mapping;

    public FutexTests()
    {
        using var fd = MemFd.Create("test", 4096);
        _mapping = MemoryMapping.Map(fd, 4096, writable: true);
    }

    private uint* Word => (uint*)_mapping.Address;

    public void Dispose() => _mapping.Dispose();

    [Fact]
    public void Waiting_for_a_value_that_has_changed_returns_at_once()
    {
        *Word = 5;
        Assert.True(Futex.Wait(Word, 4, TimeSpan.FromMinutes(10)));
    }

    [Fact]
    public void Waiting_ends_with_the_time_out()
    {
        var start = Stopwatch.GetTimestamp();
        Assert.False(Futex.Wait(Word, 0, TimeSpan.FromMilliseconds(30)));
        Assert.True(Stopwatch.GetElapsedTime(start) >= TimeSpan.FromMilliseconds(30));
        Assert.False(Futex.Wait(Word, 0, TimeSpan.Zero));
        Assert.False(Futex.Wait(Word, 0, TimeSpan.FromSeconds(-1)));
    }

    [Fact]
    public Task A_wake_up_reaches_the_sleeper()
    {
        var sleeper = Task.Factory.StartNew(
            () =>
            {
                while (Volatile.Read(ref *Word) == 0)
                    Assert.True(Futex.Wait(Word, 0, TimeSpan.FromSeconds(60)));
            },
            TaskCreationOptions.LongRunning);
        Volatile.Write(ref *Word, 1);
        Futex.Wake(Word);
        return sleeper.WaitAsync(TimeSpan.FromSeconds(60));
    }
}
