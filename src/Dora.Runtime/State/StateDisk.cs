// SPDX-License-Identifier: Apache-2.0

using System.Buffers;
using Dora.Storage;

namespace Dora.Runtime.State;

/// <summary>Two stores as one: every commit goes to a fast one that a killed process leaves whole, and within 100 ms to one on the disk that a crash of the machine leaves whole.</summary>
/// <remarks>
/// <para>One store that is simply written out now and then would not do: the kernel writes its pages in any order, and a crash in between leaves a mixture.</para>
/// <para>The writer takes the present values of all keys that changed, as of one commit, and commits them together: the disk holds a state that was, up to
/// 100 ms old. While the disk is full, changes are kept in the fast store, and it is tried again.</para>
/// <para>Threads: commits come one at a time per operator, from any thread; the writer has its own.</para>
/// </remarks>
internal sealed class StateDisk : IKeyValueStore
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    private readonly IKeyValueStore _fast;
    private readonly IKeyValueStore _disk;
    private readonly Action<string> _warn;
    private readonly Lock _commits = new();     // held while a commit and its keys are noted, and while the writer copies values
    private readonly HashSet<string> _dirty = []; // guarded by _commits
    private readonly WriteBatch _batch = new(); // writer's, or the disposer's after it
    private readonly Timer _timer;
    private readonly Lock _writing = new();
    private bool _isFailing; // guarded by _writing

    public StateDisk(IKeyValueStore fast, IKeyValueStore disk, Action<string> warn)
    {
        _fast = fast;
        _disk = disk;
        _warn = warn;
        _timer = new Timer(_ => Write(), null, Interval, Interval);
    }

    public int KeyBytesMax => _fast.KeyBytesMax;

    public long Version => _fast.Version;

    public bool TryRead(ReadOnlySpan<byte> key, IBufferWriter<byte> value) => _fast.TryRead(key, value);

    public void Scan<TState>(ReadOnlySpan<byte> prefix, TState state, EntryVisitor<TState> visit) => _fast.Scan(prefix, state, visit);

    public void Commit(WriteBatch batch)
    {
        lock (_commits)
        {
            _fast.Commit(batch);
            foreach (var key in batch.Keys)
            {
                _dirty.Add(key);
            }
        }
    }

    /// <summary>Makes the two stores agree about one operator: what this run has committed wins over what the disk holds from before.</summary>
    public void Reconcile(string prefix)
    {
        var utf8 = StateRecords.Utf8(prefix);
        var (from, to) = HasAny(_fast, utf8) ? (_fast, _disk) : (_disk, _fast);
        var batch = new WriteBatch();
        batch.DeletePrefix(utf8);
        from.Scan(utf8, batch, static (all, key, value) =>
        {
            all.Put(key, value);
            return true;
        });
        to.Commit(batch);
    }

    public void Flush() => Write();

    public void Dispose()
    {
        _timer.Dispose();
        Write();
        _disk.Dispose();
        _fast.Dispose();
    }

    private static bool HasAny(IKeyValueStore store, byte[] prefix)
    {
        var any = new bool[1];
        store.Scan(prefix, any, static (seen, _, _) =>
        {
            seen[0] = true;
            return false;
        });
        return any[0];
    }

    private void Write()
    {
        lock (_writing)
        {
            string[] keys;
            _batch.Clear();
            lock (_commits)
            {
                if (_dirty.Count == 0)
                {
                    return;
                }

                keys = [.. _dirty];
                _dirty.Clear();
                var value = new ArrayBufferWriter<byte>();
                foreach (var key in keys)
                {
                    var utf8 = StateRecords.Utf8(key);
                    value.ResetWrittenCount();
                    if (_fast.TryRead(utf8, value))
                    {
                        _batch.Put(utf8, value.WrittenSpan);
                    }
                    else
                    {
                        _batch.Delete(utf8);
                    }
                }
            }

            try
            {
                _disk.Commit(_batch);
                if (_isFailing)
                {
                    _warn("operators' state is written to the disk again");
                }

                _isFailing = false;
            }
            catch (StorageException e)
            {
                lock (_commits)
                {
                    _dirty.UnionWith(keys);
                }

                if (!_isFailing)
                {
                    _warn($"operators' state cannot be written to the disk; it is kept in memory and tried again: {e.Message}");
                }

                _isFailing = true;
            }
        }
    }
}
