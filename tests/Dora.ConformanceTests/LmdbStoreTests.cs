// SPDX-License-Identifier: Apache-2.0

using System.Buffers;
using Dora.Storage;

namespace Dora.ConformanceTests;

public sealed class LmdbStoreTests : KeyValueStoreContract
{
    protected override IKeyValueStore Open(string folder, long fileBytesMax) =>
        LmdbStore.Open(Path.Combine(folder, "store"), new StoreOptions { FileBytesMax = fileBytesMax, Durability = StoreDurability.Process });
}

public sealed class LmdbStoreOnDiskTests : KeyValueStoreContract
{
    protected override IKeyValueStore Open(string folder, long fileBytesMax) =>
        LmdbStore.Open(Path.Combine(folder, "store"), new StoreOptions { FileBytesMax = fileBytesMax, Durability = StoreDurability.Machine });
}

public sealed class LmdbStoreFileTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("dora-store-");

    private string Path => System.IO.Path.Combine(_folder.FullName, "store");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void A_file_is_for_its_owner_only()
    {
        using var store = LmdbStore.Open(Path, new StoreOptions());
        Assert.All(_folder.GetFiles(), file => Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, file.UnixFileMode));
    }

    [Fact]
    public void A_file_of_something_else_is_damaged()
    {
        File.WriteAllBytes(Path, Enumerable.Repeat((byte)'x', 100_000).ToArray());
        Assert.Throws<StorageDamagedException>(() => LmdbStore.Open(Path, new StoreOptions()));
    }

    [Fact]
    public void A_file_that_is_cut_off_is_damaged_and_does_not_end_the_process()
    {
        using (var store = LmdbStore.Open(Path, new StoreOptions()))
        {
            var batch = new WriteBatch();
            batch.Put([1], new byte[1 << 20]);
            store.Commit(batch);
        }

        using (var file = File.OpenWrite(Path))
            file.SetLength(64 << 10);
        Assert.Throws<StorageDamagedException>(() => LmdbStore.Open(Path, new StoreOptions()));
    }

    [Fact]
    public void A_missing_file_cannot_be_opened_for_reading() =>
        Assert.Throws<StorageException>(() => LmdbStore.Open(Path, new StoreOptions { IsReadOnly = true }));

    [Fact]
    public void Commits_and_reads_allocate_nothing_but_transactions()
    {
        using var store = LmdbStore.Open(Path, new StoreOptions { Durability = StoreDurability.Process });
        var batch = new WriteBatch();
        var value = new ArrayBufferWriter<byte>(256);
        var before = 0L;
        for (var i = 0; i < 1_200; i++)
        {
            if (i == 200)
                before = GC.GetAllocatedBytesForCurrentThread();
            batch.Clear();
            batch.Put([1], new ReadOnlySpan<byte>([1, 2, 3, 4]));
            store.Commit(batch);
            value.ResetWrittenCount();
            Assert.True(store.TryRead([1], value));
        }

        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1_000 * 512);
    }
}
