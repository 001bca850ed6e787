// SPDX-License-Identifier: Apache-2.0

using Dora.CApi;
using Dora.CApi.Handles;

namespace Dora.UnitTests.CApi;

public sealed class HandleTableTests
{
    private readonly HandleTable<Thing> _table = new(7, "thing");

    [Fact]
    public void A_handle_leads_to_its_object_until_it_is_freed()
    {
        var first = _table.Rent(out var handle);
        var second = _table.Rent(out var other);

        Assert.NotSame(first, second);
        Assert.Same(first, _table.Resolve(handle));
        Assert.Same(second, _table.Resolve(other));
        _table.Return(handle, thing => Assert.Same(first, thing));
        Refused(handle);
        Assert.Same(second, _table.Resolve(other));
    }

    [Fact]
    public void A_place_is_used_again_under_another_handle()
    {
        var first = _table.Rent(out var handle);
        _table.Return(handle, _ => { });
        var again = _table.Rent(out var next);

        Assert.Same(first, again);
        Assert.NotEqual(handle, next);
        Refused(handle);
        Assert.Same(first, _table.Resolve(next));
    }

    [Fact]
    public void What_was_never_given_out_is_refused()
    {
        _table.Rent(out var handle);
        foreach (var strange in (long[])[0, 1, -1, handle + 1, handle ^ (1 << 24), handle ^ (1L << 32), handle + (2L << 32)])
            Refused((nint)strange);
        _table.Return(handle, _ => { });
        foreach (var generation in (long[])[0, 1, 2, 3]) // the one of a free place among them
            Refused((nint)((handle & 0xFFFFFFFF) | (generation << 32)));
    }

    [Fact]
    public async Task Of_many_that_free_a_handle_at_once_one_gets_through()
    {
        for (var round = 0; round < 200; round++)
        {
            _table.Rent(out var handle);
            var through = 0;
            using Barrier together = new(3);
            await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => Task.Run(() =>
            {
                together.SignalAndWait();
                try
                {
                    _table.Return(handle, _ => Interlocked.Increment(ref through));
                }
                catch (CApiException)
                {
                }
            })));
            Assert.Equal(1, through);
        }
    }

    [Fact]
    public async Task Threads_never_get_the_same_object()
    {
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() =>
        {
            for (var i = 0; i < 20_000; i++)
            {
                var one = _table.Rent(out var handle);
                var two = _table.Rent(out var other);
                Assert.Equal(1, Interlocked.Increment(ref one.Users));
                Assert.Equal(1, Interlocked.Increment(ref two.Users));
                Assert.Same(two, _table.Resolve(other));
                _table.Return(handle, thing => Interlocked.Decrement(ref thing.Users));
                _table.Return(other, thing => Interlocked.Decrement(ref thing.Users));
            }
        })));
    }

    private void Refused(nint handle)
    {
        Assert.Throws<CApiException>(() => _table.Resolve(handle));
        Assert.Throws<CApiException>(() => _table.Return(handle, _ => Assert.Fail("there is nothing to release")));
    }

    private sealed class Thing
    {
        public int Users;
    }
}
