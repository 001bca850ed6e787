// SPDX-License-Identifier: Apache-2.0

using System.Buffers;
using System.ComponentModel;
using LightningDB;

namespace Dora.Storage;

/// <summary>A store in one LMDB file, with a small file beside it (<c>-lock</c>) in which its processes find each other.</summary>
/// <remarks>
/// <para>A commit writes changed pages to free places and then switches one page that says which tree is the present one: a process that dies at any
/// instant leaves the old tree or the new one. With <see cref="StoreDurability.Machine"/> the disk is waited for before that switch and after it.</para>
/// <para>One process may open a file once only, any number of processes may read it, and one at a time writes. A lock whose owner died is taken over.</para>
/// <para>Native code is loaded with the first store, not before. Threads: any.</para>
/// </remarks>
public sealed class LmdbStore : IKeyValueStore
{
    private const UnixAccessMode OwnerOnly = UnixAccessMode.OwnerRead | UnixAccessMode.OwnerWrite;
    private const int ReadersKept = 16;

    private readonly string _path;
    private readonly LightningEnvironment _environment;
    private readonly LightningDatabase _database;
    private readonly Stack<LightningTransaction> _readers = new(); // reset, ready for use; guarded by itself
    private int _reading;     // guarded by _readers, as is the next
    private bool _isDisposed;

    private LmdbStore(string path, LightningEnvironment environment, LightningDatabase database)
    {
        _path = path;
        _environment = environment;
        _database = database;
        KeyBytesMax = environment.MaxKeySize;
    }

    /// <inheritdoc/>
    public int KeyBytesMax { get; }

    /// <inheritdoc/>
    public long Version => _environment.Info.LastTransactionId;

    /// <summary>Opens a store, and makes it (mode 0600) unless it is opened to be read.</summary>
    /// <param name="path">The file; its folder must exist.</param>
    /// <param name="options">How.</param>
    /// <exception cref="StorageDamagedException">The file is no store, or is cut off.</exception>
    /// <exception cref="StorageException">It is missing, or may not be opened.</exception>
    public static LmdbStore Open(string path, StoreOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var flags = EnvironmentOpenFlags.NoSubDir | EnvironmentOpenFlags.NoThreadLocalStorage;
        if (options.IsReadOnly)
            flags |= EnvironmentOpenFlags.ReadOnly;
        if (options.Durability == StoreDurability.Process)
            flags |= EnvironmentOpenFlags.NoSync;
        LightningEnvironment? environment = null;
        try
        {
            environment = new LightningEnvironment(path, new EnvironmentConfiguration { MapSize = options.FileBytesMax, MaxReaders = options.ReadersMax });
            GC.SuppressFinalize(environment); // its finalizer throws, which ends the process
            environment.Open(flags, OwnerOnly);
            RefuseIfCutOff(path, environment);
            if (!options.IsReadOnly)
                environment.CheckStaleReaders(); // those of processes that were killed would keep old pages for ever
            using var transaction = environment.BeginTransaction(options.IsReadOnly ? TransactionBeginFlags.ReadOnly : TransactionBeginFlags.None);
            var database = transaction.OpenDatabase();
            Check(path, transaction.Commit());
            return new LmdbStore(path, environment, database);
        }
        catch (LightningException e)
        {
            environment?.Dispose();
            var cause = e.InnerException as LightningException ?? e; // opening wraps it
            throw Translate(path, cause.StatusCode, cause);
        }
        catch (StorageException)
        {
            environment?.Dispose();
            throw;
        }
        catch (DllNotFoundException e)
        {
            throw new StorageException($"liblmdb.so, which belongs beside the program, cannot be loaded: {e.Message}", e);
        }
    }

    /// <inheritdoc/>
    public bool TryRead(ReadOnlySpan<byte> key, IBufferWriter<byte> value)
    {
        ArgumentNullException.ThrowIfNull(value);
        var reader = TakeReader();
        try
        {
            var (result, _, found) = reader.Get(_database, key);
            if (result == MDBResultCode.NotFound)
                return false;
            Check(_path, result);
            value.Write(found.AsSpan());
            return true;
        }
        finally
        {
            GiveBack(reader);
        }
    }

    /// <inheritdoc/>
    public void Scan<TState>(ReadOnlySpan<byte> prefix, TState state, EntryVisitor<TState> visit)
    {
        ArgumentNullException.ThrowIfNull(visit);
        var reader = TakeReader();
        try
        {
            using var cursor = reader.CreateCursor(_database);
            var result = prefix.IsEmpty ? cursor.First().resultCode : cursor.SetRange(prefix);
            while (result == MDBResultCode.Success)
            {
                var (current, key, value) = cursor.GetCurrent();
                Check(_path, current);
                if (!key.AsSpan().StartsWith(prefix) || !visit(state, key.AsSpan(), value.AsSpan()))
                    return;
                result = cursor.Next().resultCode;
            }

            if (result != MDBResultCode.NotFound)
                Check(_path, result);
        }
        finally
        {
            GiveBack(reader);
        }
    }

    /// <inheritdoc/>
    public void Commit(WriteBatch batch)
    {
        ArgumentNullException.ThrowIfNull(batch);
        if (batch.Count == 0)
            return;
        try
        {
            using var transaction = _environment.BeginTransaction();
            for (var i = 0; i < batch.Count; i++)
                Make(transaction, batch, batch[i]);
            Check(_path, transaction.Commit());
        }
        catch (LightningException e)
        {
            throw Translate(_path, e.StatusCode, e);
        }
    }

    /// <inheritdoc/>
    public void Flush() => Check(_path, _environment.Flush(force: true));

    /// <summary>Frees what readers of killed processes hold. Opening to write does so too.</summary>
    public void ForgetDeadReaders() => _environment.CheckStaleReaders();

    /// <summary>Waits for reads that are going on, and closes the store. Nobody may write meanwhile.</summary>
    public void Dispose()
    {
        lock (_readers)
        {
            if (_isDisposed)
                return;
            _isDisposed = true;
            while (_readers.TryPop(out var reader))
                reader.Dispose();
            while (_reading > 0)
                Monitor.Wait(_readers); // what they look at is about to be unmapped
        }

        _database.Dispose();
        _environment.Dispose();
    }

    private void Make(LightningTransaction transaction, WriteBatch batch, in WriteBatch.Change change)
    {
        var key = batch.KeyOf(change);
        switch (change.Kind)
        {
            case WriteBatch.ChangeKind.Put:
                ArgumentOutOfRangeException.ThrowIfZero(key.Length, nameof(batch));
                ArgumentOutOfRangeException.ThrowIfGreaterThan(key.Length, KeyBytesMax, nameof(batch));
                Check(_path, transaction.Put(_database, key, batch.ValueOf(change)));
                break;
            case WriteBatch.ChangeKind.Delete:
                if (transaction.Delete(_database, key) is var deleted and not MDBResultCode.NotFound)
                    Check(_path, deleted);
                break;
            default:
                DeletePrefix(transaction, key);
                break;
        }
    }

    private void DeletePrefix(LightningTransaction transaction, ReadOnlySpan<byte> prefix)
    {
        using var cursor = transaction.CreateCursor(_database);
        var result = prefix.IsEmpty ? cursor.First().resultCode : cursor.SetRange(prefix);
        while (result == MDBResultCode.Success)
        {
            var (current, key, _) = cursor.GetCurrent();
            Check(_path, current);
            if (!key.AsSpan().StartsWith(prefix))
                return;
            Check(_path, cursor.Delete());
            result = prefix.IsEmpty ? cursor.First().resultCode : cursor.SetRange(prefix);
        }

        if (result != MDBResultCode.NotFound)
            Check(_path, result);
    }

    // Making a read transaction takes a place in the lock file; renewing one costs two loads and a store.
    private LightningTransaction TakeReader()
    {
        LightningTransaction? reader;
        lock (_readers)
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            _readers.TryPop(out reader);
            _reading++;
        }

        try
        {
            if (reader is null)
            {
                reader = _environment.BeginTransaction(TransactionBeginFlags.ReadOnly);
                GC.SuppressFinalize(reader);
                return reader;
            }

            Check(_path, reader.Renew());
            return reader;
        }
        catch (Exception e)
        {
            reader?.Dispose();
            NoteRead(null);
            if (e is LightningException failure)
                throw Translate(_path, failure.StatusCode, failure);
            throw;
        }
    }

    private void GiveBack(LightningTransaction reader)
    {
        reader.Reset();
        NoteRead(reader);
    }

    private void NoteRead(LightningTransaction? reader)
    {
        lock (_readers)
        {
            if (!_isDisposed && _readers.Count < ReadersKept && reader is not null)
                _readers.Push(reader);
            else
                reader?.Dispose();
            if (--_reading == 0 && _isDisposed)
                Monitor.PulseAll(_readers);
        }
    }

    // Pages are read through a mapping: one that the file does not have would end the process with SIGBUS.
    private static void RefuseIfCutOff(string path, LightningEnvironment environment)
    {
        var needed = (environment.Info.LastPageNumber + 1) * environment.EnvironmentStats.PageSize;
        var length = new FileInfo(path).Length;
        if (length < needed)
            throw new StorageDamagedException($"'{path}' is cut off: it has {length} bytes and should have {needed}");
    }

    private static void Check(string path, MDBResultCode result)
    {
        if (result != MDBResultCode.Success)
            throw Translate(path, (int)result, null);
    }

    private static StorageException Translate(string path, int code, Exception? inner)
    {
        const int NoSpace = 28; // ENOSPC; codes above zero are the system's
        const int QuotaReached = 122;
        var reason = inner?.Message ?? (code > 0 ? new Win32Exception(code).Message : ((MDBResultCode)code).ToString());
        return (MDBResultCode)code switch
        {
            MDBResultCode.MapFull or MDBResultCode.TxnFull or (MDBResultCode)NoSpace or (MDBResultCode)QuotaReached =>
                new StorageFullException($"no room in '{path}': {reason}", inner),
            MDBResultCode.Corrupted or MDBResultCode.Invalid or MDBResultCode.PageNotFound or MDBResultCode.VersionMismatch
                or MDBResultCode.BadChecksum or MDBResultCode.Incompatible =>
                new StorageDamagedException($"'{path}' is damaged, or is no store: {reason}", inner),
            _ => new StorageException($"'{path}': {reason}", inner),
        };
    }
}
