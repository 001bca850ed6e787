// SPDX-License-Identifier: Apache-2.0

using System.Buffers;
using BenchmarkDotNet.Attributes;
using Dora.Storage;

namespace Dora.Benchmarks;

/// <summary>The store under operators' state: one small value committed and read, with and without waiting for the disk.</summary>
[MemoryDiagnoser]
public class StoreBenchmarks
{
    private readonly ArrayBufferWriter<byte> _value = new();
    private readonly WriteBatch _batch = new();
    private readonly byte[] _bytes = new byte[64];
    private string _folder = "";
    private LmdbStore _store = null!;

    /// <summary>What a commit waits for.</summary>
    [Params(StoreDurability.Process, StoreDurability.Machine)]
    public StoreDurability Durability { get; set; }

    [GlobalSetup]
    public void Open()
    {
        _folder = Directory.CreateTempSubdirectory("dora-store-").FullName;
        _store = LmdbStore.Open(Path.Combine(_folder, "state"), new StoreOptions { Durability = Durability });
        Commit();
    }

    [GlobalCleanup]
    public void Close()
    {
        _store.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Benchmark]
    public void Commit()
    {
        _bytes[0]++; // another value each time
        _batch.Clear();
        _batch.Put("key"u8, _bytes);
        _store.Commit(_batch);
    }

    [Benchmark]
    public bool Read()
    {
        _value.ResetWrittenCount();
        return _store.TryRead("key"u8, _value);
    }
}
