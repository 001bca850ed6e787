// SPDX-License-Identifier: Apache-2.0

using System.Buffers;
using System.Text;
using Dora.Storage;

namespace Dora.ConformanceTests;

/// <summary>What every store promises. A rig is a folder with one store that can be opened again.</summary>
public abstract class KeyValueStoreContract : IDisposable
{
    private const int FileBytesMax = 4 << 20;
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("dora-store-");
    private IKeyValueStore? _store;

    protected abstract IKeyValueStore Open(string folder, long fileBytesMax);

    private IKeyValueStore Store => _store ??= Open(_folder.FullName, FileBytesMax);

    public void Dispose()
    {
        _store?.Dispose();
        _folder.Delete(recursive: true);
        GC.SuppressFinalize(this);
    }

    [Fact]
    public void A_batch_is_read_back_with_empty_values_and_large_ones()
    {
        var large = new byte[300_000];
        Random.Shared.NextBytes(large);
        Commit(b =>
        {
            b.Put(Key("a"), [1, 2, 3]);
            b.Put(Key("empty"), []);
            b.Put(Key("large"), large);
            b.Put(Key("pieces"), [1, 2], [3, 4]);
        });

        Assert.Equal([1, 2, 3], Read("a"));
        Assert.Empty(Read("empty")!);
        Assert.Equal(large, Read("large"));
        Assert.Equal([1, 2, 3, 4], Read("pieces"));
        Assert.Null(Read("b"));
    }

    [Fact]
    public void Changes_of_a_batch_are_made_in_their_order()
    {
        Commit(b => b.Put(Key("x/old"), [1]));
        Commit(b =>
        {
            b.Put(Key("x/gone"), [1]);
            b.DeletePrefix(Key("x/"));
            b.Put(Key("x/new"), [2]);
            b.Put(Key("x/new"), [3]);
            b.Delete(Key("never there"));
        });

        Assert.Equal(["x/new"], Keys("x/"));
        Assert.Equal([3], Read("x/new"));
    }

    [Fact]
    public void A_scan_shows_the_keys_with_a_prefix_in_order_and_ends_when_told()
    {
        Commit(b =>
        {
            foreach (var key in new[] { "b/2", "a", "b/10", "b/1", "c" })
                b.Put(Key(key), Key(key));
        });

        Assert.Equal(["b/1", "b/10", "b/2"], Keys("b/"));
        Assert.Equal(["a", "b/1", "b/10", "b/2", "c"], Keys(""));
        Assert.Empty(Keys("z"));
        var seen = 0;
        Store.Scan(Key(""), 0, (_, _, _) => ++seen < 2);
        Assert.Equal(2, seen);
    }

    [Fact]
    public void Versions_count_batches()
    {
        var before = Store.Version;
        Commit(b => b.Put(Key("a"), [1]));
        Assert.Equal(before + 1, Store.Version);
        Store.Commit(new WriteBatch());
        Assert.Equal(before + 1, Store.Version);
    }

    [Fact]
    public void What_was_committed_is_there_when_the_store_is_opened_again()
    {
        Commit(b => b.Put(Key("a"), [7]));
        var version = Store.Version;
        Store.Flush();
        Reopen();

        Assert.Equal([7], Read("a"));
        Assert.True(Store.Version >= version);
    }

    [Fact]
    public void A_batch_that_finds_no_room_changes_nothing_and_there_is_room_again_after_deleting()
    {
        Commit(b => b.Put(Key("kept"), [1]));
        var batch = new WriteBatch();
        batch.Put(Key("kept"), [2]);
        batch.Put(Key("huge"), new byte[FileBytesMax]);
        Assert.Throws<StorageFullException>(() => Store.Commit(batch));
        Assert.Equal([1], Read("kept"));
        Assert.Null(Read("huge"));

        Commit(b => b.Put(Key("half"), new byte[FileBytesMax / 2]));
        batch.Clear();
        batch.Put(Key("other half"), new byte[FileBytesMax / 2]);
        Assert.Throws<StorageFullException>(() => Store.Commit(batch));
        Commit(b => b.Delete(Key("half")));
        Commit(b => b.Put(Key("kept"), [3])); // pages are free again one commit later
        Store.Commit(batch);
        Assert.Equal(FileBytesMax / 2, Read("other half")!.Length);
    }

    [Fact]
    public void Keys_have_a_bound_and_are_not_empty()
    {
        Assert.True(Store.KeyBytesMax >= 500);
        Commit(b => b.Put(new byte[Store.KeyBytesMax], [1]));
        Assert.Throws<ArgumentOutOfRangeException>(() => Commit(b => b.Put(new byte[Store.KeyBytesMax + 1], [1])));
        Assert.Throws<ArgumentOutOfRangeException>(() => Commit(b => b.Put([], [1])));
    }

    [Fact]
    public async Task Readers_on_other_threads_see_whole_batches_only()
    {
        const int Rounds = 500;
        _store = Open(_folder.FullName, 1 << 30); // pages that a reader without a processor looks at cannot be used again meanwhile
        Commit(b => { b.Put(Key("left"), [0, 0]); b.Put(Key("right"), [0, 0]); });
        var stop = false;
        var readers = Enumerable.Range(0, 3).Select(_ => Task.Factory.StartNew(
            () =>
            {
                while (!Volatile.Read(ref stop))
                {
                    var values = new List<byte[]>();
                    Store.Scan(Key(""), values, static (all, _, value) => { all.Add(value.ToArray()); return true; });
                    Assert.Equal(values[0], values[1]);
                }
            },
            TaskCreationOptions.LongRunning)).ToArray();
        try
        {
            var batch = new WriteBatch();
            for (var i = 0; i < Rounds; i++)
            {
                batch.Clear();
                batch.Put(Key("left"), BitConverter.GetBytes((short)i));
                batch.Put(Key("right"), BitConverter.GetBytes((short)i));
                Store.Commit(batch);
            }
        }
        finally
        {
            Volatile.Write(ref stop, true);
        }

        await Task.WhenAll(readers).WaitAsync(TimeSpan.FromSeconds(60));
    }

    [Fact]
    public async Task A_store_is_closed_only_when_nobody_reads_any_more()
    {
        Commit(b => b.Put(Key("a"), new byte[100_000]));
        using var isReading = new ManualResetEventSlim();
        using var go = new ManualResetEventSlim();
        var sum = 0L;
        var reader = Task.Factory.StartNew(
            () => Store.Scan(Key(""), 0, (_, _, value) =>
            {
                isReading.Set();
                Assert.True(go.Wait(TimeSpan.FromSeconds(60)));
                foreach (var b in value)
                    sum += b;
                return true;
            }),
            TaskCreationOptions.LongRunning);
        Assert.True(isReading.Wait(TimeSpan.FromSeconds(60)));
        var closing = Task.Factory.StartNew(_store!.Dispose, TaskCreationOptions.LongRunning);
        go.Set();
        await Task.WhenAll(reader, closing).WaitAsync(TimeSpan.FromSeconds(60));
        Assert.Throws<ObjectDisposedException>(() => Read("a"));
    }

    [Fact]
    public void Random_batches_agree_with_a_dictionary()
    {
        var random = new Random(4711);
        var model = new SortedDictionary<string, byte[]>(StringComparer.Ordinal);
        for (var round = 0; round < 300; round++)
        {
            Commit(b =>
            {
                for (var i = random.Next(1, 5); i > 0; i--)
                {
                    var key = $"k{random.Next(20)}";
                    switch (random.Next(8))
                    {
                        case 0:
                            b.Delete(Key(key));
                            model.Remove(key);
                            break;
                        case 1:
                            b.DeletePrefix(Key("k1"));
                            foreach (var gone in model.Keys.Where(k => k.StartsWith("k1", StringComparison.Ordinal)).ToArray())
                                model.Remove(gone);
                            break;
                        default:
                            var value = new byte[random.Next(5_000)];
                            random.NextBytes(value);
                            b.Put(Key(key), value);
                            model[key] = value;
                            break;
                    }
                }
            });
            if (round % 100 == 0)
                Reopen();
        }

        Assert.Equal(model.Keys, Keys(""));
        Assert.All(model, entry => Assert.Equal(entry.Value, Read(entry.Key)));
    }

    private static byte[] Key(string text) => Encoding.UTF8.GetBytes(text);

    private void Commit(Action<WriteBatch> fill)
    {
        var batch = new WriteBatch();
        fill(batch);
        Store.Commit(batch);
    }

    private byte[]? Read(string key)
    {
        var value = new ArrayBufferWriter<byte>();
        return Store.TryRead(Key(key), value) ? value.WrittenSpan.ToArray() : null;
    }

    private List<string> Keys(string prefix)
    {
        var keys = new List<string>();
        Store.Scan(Key(prefix), keys, static (all, key, _) => { all.Add(Encoding.UTF8.GetString(key)); return true; });
        return keys;
    }

    private void Reopen()
    {
        _store?.Dispose();
        _store = null;
    }
}
