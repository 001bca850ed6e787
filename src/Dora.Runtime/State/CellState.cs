// SPDX-License-Identifier: Apache-2.0

using System.Buffers;
using System.Buffers.Binary;
using System.Text;
using Dora.Operators;
using Dora.Protocol.Messages;
using Dora.Storage;

namespace Dora.Runtime.State;

/// <summary>The state of one operator across its instances: what is committed, what waits for the end of the event, and what failed how often.</summary>
/// <remarks>Threads: the one that the operator runs on.</remarks>
internal sealed class CellState
{
    private const int PoisonAt = 2; // failures in a row that are no accident

    private readonly string _operatorId;
    private readonly StateConfig _config;
    private readonly Guid _run;
    private readonly IKeyValueStore _store;
    private readonly IKeyValueStore? _events; // where the event that is being handled lies; null: nobody gets it again
    private readonly string _entryPrefix;
    private readonly byte[] _headKey;
    private readonly byte[] _eventKey;
    private readonly Dictionary<string, int> _committed = []; // bytes of each value
    private readonly Dictionary<string, byte[]?> _pending = []; // null: to be removed
    private readonly WriteBatch _batch = new();
    private long _sizeBytes; // of committed and pending together
    private StateHead? _head;
    private int _failures;   // in a row, without an event that went well in between
    private bool _commitAsked;
    private bool _isEventStored;

    public CellState(string operatorId, StateConfig config, Guid run, IKeyValueStore store, IKeyValueStore? events)
    {
        (_operatorId, _config, _run, _store, _events) = (operatorId, config, run, store, events);
        _entryPrefix = StateRecords.EntryPrefix(operatorId);
        _headKey = StateRecords.Utf8(StateRecords.HeadKey(operatorId));
        _eventKey = StateRecords.Utf8(StateRecords.EventKey(operatorId));
        _head = ReadHead();
        Redelivery = events is null ? null : TakeStoredEvent();
    }

    public long SizeBytes => _sizeBytes;

    public long SizeBytesMax => (long)_config.MaxSize;

    /// <summary>The first instance, made before the dataflow started.</summary>
    public RestoredInstance? Prepared { get; set; }

    /// <summary>Whether anything is saved.</summary>
    public bool IsEmpty => _committed.Count == 0;

    /// <summary>Whether an event that failed comes once more.</summary>
    public bool Redelivers => _events is not null;

    /// <summary>The event that comes next, before all that wait: it failed with an earlier instance. The holder's reference.</summary>
    public RedeliveredEvent? Redelivery { get; private set; }

    /// <summary>What becomes of an operator that fails again and again.</summary>
    public PoisonPolicy OnPoison => _config.OnPoison;

    public IReadOnlyCollection<string> Keys => [.. _committed.Keys.Where(key => !_pending.ContainsKey(key)), .. _pending.Where(p => p.Value is not null).Select(p => p.Key)];

    /// <summary>Looks at what is committed, for a new instance. The one before may go on if that one comes to nothing.</summary>
    /// <exception cref="StorageException">It cannot be read or written.</exception>
    public InstanceState Begin(RestoreReason? reason)
    {
        Rollback();
        var damaged = Load();
        var head = _head ?? new StateHead(-1, (int)_config.Version, 0, _run);
        var why = reason ?? (_head is null ? RestoreReason.FirstStart : head.Run == _run ? RestoreReason.RuntimeRestarted : RestoreReason.PreviousRun);
        var info = new RestoreInfo { Incarnation = head.Incarnation + 1, Reason = why, Version = head.Version, DamagedKeys = damaged };
        WriteHead(head with { Incarnation = info.Incarnation, Run = _run });
        return new InstanceState(this, info);
    }

    /// <summary>All values that are whole.</summary>
    public Dictionary<string, ReadOnlyMemory<byte>> All()
    {
        var all = new Dictionary<string, ReadOnlyMemory<byte>>();
        foreach (var key in _committed.Keys)
        {
            if (TryGet(key, out var value))
            {
                all.Add(key, value);
            }
        }

        return all;
    }

    public bool TryGet(string key, out ReadOnlyMemory<byte> value)
    {
        if (_pending.TryGetValue(key, out var written))
        {
            value = written;
            return written is not null;
        }

        value = default;
        if (!_committed.ContainsKey(key))
        {
            return false;
        }

        var stored = StateRecords.Utf8(_entryPrefix + key);
        var record = new ArrayBufferWriter<byte>();
        if (!_store.TryRead(stored, record) || !StateRecords.TryOpen(stored, record.WrittenSpan, out _))
        {
            return false;
        }

        value = record.WrittenMemory[StateRecords.ChecksumBytes..];
        return true;
    }

    public void Save(string key, ReadOnlySpan<byte> value)
    {
        var keyBytes = StateKeyRules.Check(key);
        var size = _sizeBytes - SizeOf(key) + keyBytes + value.Length;
        if (size > SizeBytesMax)
        {
            throw new StateSizeException(key, size, SizeBytesMax);
        }

        _pending[key] = value.ToArray();
        _sizeBytes = size;
    }

    public bool Delete(string key)
    {
        var size = SizeOf(key);
        if (size == 0)
        {
            return false;
        }

        _sizeBytes -= size;
        _pending[key] = null;
        return true;
    }

    public void AskCommit() => _commitAsked = true;

    /// <summary>An event is about to be handled, and shall come again if the process dies of it.</summary>
    public void NoteEvent(string input, OperatorSample sample)
    {
        if (_events is null)
        {
            return;
        }

        _batch.Clear();
        _batch.Put(_eventKey, RedeliveredEvent.Encode(input, sample));
        _isEventStored = TryCommit(_events, _batch);
    }

    /// <summary>The event went well: makes what it saved permanent, all of it or nothing. Outputs may go out when this returns.</summary>
    /// <exception cref="StorageException">It cannot be written; the state is as it was.</exception>
    public void Commit()
    {
        _failures = 0;
        var commits = _pending.Count > 0 && (!_config.ExplicitCommit || _commitAsked);
        _commitAsked = false;
        if (!commits && !_isEventStored)
        {
            return;
        }

        _batch.Clear();
        if (commits)
        {
            foreach (var (key, value) in _pending)
            {
                Put(key, value);
            }

            if (_head is { } head && head.Version != _config.Version)
            {
                Put(head with { Version = (int)_config.Version });
            }
        }

        var ownEvents = ReferenceEquals(_events, _store);
        if (_isEventStored && ownEvents)
        {
            _batch.Delete(_eventKey);
        }

        if (_batch.Count > 0)
        {
            _store.Commit(_batch);
        }

        if (commits)
        {
            foreach (var (key, value) in _pending)
            {
                Remember(key, value);
            }

            _pending.Clear();
        }

        if (_isEventStored && !ownEvents)
        {
            _batch.Clear();
            _batch.Delete(_eventKey);
            TryCommit(_events!, _batch);
        }

        _isEventStored = false;
    }

    /// <summary>The event failed: nothing of what it saved has happened.</summary>
    public void Rollback()
    {
        _pending.Clear();
        _commitAsked = false;
        _sizeBytes = _committed.Sum(entry => (long)Encoding.UTF8.GetByteCount(entry.Key) + entry.Value);
    }

    /// <summary>An instance failed.</summary>
    /// <returns>Whether it is one time too many: on the same state nothing has gone well for two instances.</returns>
    public bool NoteFailure()
    {
        Rollback();
        if (++_failures < PoisonAt)
        {
            return false;
        }

        _failures = 0;
        return true;
    }

    /// <summary>Puts the event that failed first in the line, unless it has been there.</summary>
    public void Redeliver(string input, OperatorSample sample)
    {
        if (_events is not null && sample is not StoredSample)
        {
            Redelivery = new RedeliveredEvent(input, StoredSample.CopyOf(sample));
        }
    }

    public RedeliveredEvent? TakeRedelivery()
    {
        var taken = Redelivery;
        Redelivery = null;
        return taken;
    }

    /// <summary>Forgets the event that failed, also for the next process.</summary>
    public void ForgetEvent()
    {
        Redelivery = null;
        if (_isEventStored)
        {
            _batch.Clear();
            _batch.Delete(_eventKey);
            TryCommit(_events!, _batch);
            _isEventStored = false;
        }
    }

    /// <summary>Empties the state.</summary>
    public void Reset()
    {
        _batch.Clear();
        foreach (var key in _committed.Keys)
        {
            _batch.Delete(StateRecords.Utf8(_entryPrefix + key));
        }

        _store.Commit(_batch);
        _committed.Clear();
        Rollback();
    }

    /// <summary>An instance is about to look at its state; counts those that never came back from it, also over processes.</summary>
    /// <returns>Whether too many have not.</returns>
    public bool BeginRestoring()
    {
        var head = _head!.Value;
        WriteHead(head with { Restoring = head.Restoring + 1 });
        return head.Restoring >= PoisonAt;
    }

    public void EndRestoring() => WriteHead(_head!.Value with { Restoring = 0 });

    private int SizeOf(string key)
    {
        if (_pending.TryGetValue(key, out var written))
        {
            return written is null ? 0 : Encoding.UTF8.GetByteCount(key) + written.Length;
        }

        return _committed.TryGetValue(key, out var length) ? Encoding.UTF8.GetByteCount(key) + length : 0;
    }

    private void Remember(string key, byte[]? value)
    {
        if (value is null)
        {
            _committed.Remove(key);
        }
        else
        {
            _committed[key] = value.Length;
        }
    }

    private void Put(string key, byte[]? value)
    {
        var stored = StateRecords.Utf8(_entryPrefix + key);
        if (value is null)
        {
            _batch.Delete(stored);
            return;
        }

        Span<byte> checksum = stackalloc byte[StateRecords.ChecksumBytes];
        BinaryPrimitives.WriteUInt32LittleEndian(checksum, StateRecords.Checksum(stored, value));
        _batch.Put(stored, checksum, value);
    }

    private void Put(StateHead head)
    {
        _head = head;
        Span<byte> bytes = stackalloc byte[StateHead.Bytes];
        head.WriteTo(bytes);
        Span<byte> checksum = stackalloc byte[StateRecords.ChecksumBytes];
        BinaryPrimitives.WriteUInt32LittleEndian(checksum, StateRecords.Checksum(_headKey, bytes));
        _batch.Put(_headKey, checksum, bytes);
    }

    private void WriteHead(StateHead head)
    {
        _batch.Clear();
        Put(head);
        _store.Commit(_batch);
    }

    private StateHead? ReadHead()
    {
        var record = new ArrayBufferWriter<byte>();
        return _store.TryRead(_headKey, record) && StateRecords.TryOpen(_headKey, record.WrittenSpan, out var head) ? StateHead.Read(head) : null;
    }

    // Notes which keys there are, and finds out which are damaged.
    private List<string> Load()
    {
        _committed.Clear();
        var damaged = new List<string>();
        var prefix = StateRecords.Utf8(_entryPrefix);
        _store.Scan(prefix, (_committed, damaged, prefix.Length), static (found, key, record) =>
        {
            var name = Encoding.UTF8.GetString(key[found.Length..]);
            if (StateRecords.TryOpen(key, record, out var value))
            {
                found._committed[name] = value.Length;
            }
            else
            {
                found.damaged.Add(name);
            }

            return true;
        });
        Rollback();
        return damaged;
    }

    // What a process that died was handling. Its second death of the same event is the last.
    private RedeliveredEvent? TakeStoredEvent()
    {
        var record = new ArrayBufferWriter<byte>();
        if (!_events!.TryRead(_eventKey, record))
        {
            return null;
        }

        var stored = RedeliveredEvent.Decode(record.WrittenMemory);
        if (stored is { WasRedelivered: false })
        {
            return stored;
        }

        _batch.Clear();
        _batch.Delete(_eventKey);
        TryCommit(_events, _batch);
        PoisonedBeforeStart = stored is not null;
        return null;
    }

    /// <summary>Whether the process died twice of one event, which is forgotten now.</summary>
    public bool PoisonedBeforeStart { get; private set; }

    // Without room for it the event is handled all the same: it just does not come again.
    private static bool TryCommit(IKeyValueStore store, WriteBatch batch)
    {
        try
        {
            store.Commit(batch);
            return true;
        }
        catch (StorageFullException)
        {
            return false;
        }
    }
}
