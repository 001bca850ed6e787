// SPDX-License-Identifier: Apache-2.0

using Dora.Platform;
using Dora.Platform.Files;
using Dora.Protocol.Messages;
using Dora.Storage;

namespace Dora.Runtime.State;

/// <summary>The state of all operators of one runtime that keep any, and the stores that it lies in. Without such operators it is nothing.</summary>
/// <remarks>
/// <para>Up to five stores: the fast one in the run's own folder (<c>memory</c>, and the first half of <c>disk</c>), and for <c>disk</c> and <c>sync</c> one file
/// each there and in the folder that outlives the run. Operators share them; each has a prefix of its own.</para>
/// <para>Order of end: <see cref="Dispose"/> after the last operator was disposed writes out what is on its way.</para>
/// </remarks>
internal sealed class OperatorStates : IDisposable
{
    private const long FileBytesMax = 64L << 30;  // addresses, not memory: enough for what anybody keeps in one runtime
    private const long FileBytesSpare = 256L << 20;
    private const int FileToState = 4;            // a change is written beside what it replaces, and events that are being handled lie there too

    private readonly NodeConfig _config;
    private readonly Action<string> _warn;
    private readonly Dictionary<string, CellState> _byOperator = [];
    private readonly Dictionary<string, IKeyValueStore> _stores = []; // by name; in the order of opening
    private LockFile? _lock; // of the folder that outlives the run

    private OperatorStates(NodeConfig config, Action<string> warn)
    {
        _config = config;
        _warn = warn;
    }

    /// <summary>Opens what the operators of a node need.</summary>
    /// <param name="config">Of the node.</param>
    /// <param name="warn">Told when something cannot be written for now. Any thread.</param>
    /// <exception cref="OperatorLoadException">A store cannot be opened; the message names the file.</exception>
    public static OperatorStates Open(NodeConfig config, Action<string> warn)
    {
        var states = new OperatorStates(config, warn);
        foreach (var op in config.Operators.Where(op => op.State is not null))
        {
            try
            {
                states._byOperator.Add(op.OperatorId, states.Create(op.OperatorId, op.State));
            }
            catch (Exception e) when (e is StorageException or IOException or UnauthorizedAccessException or PlatformException)
            {
                states.Dispose();
                throw new OperatorLoadException(op.OperatorId, $"its state cannot be opened: {e.Message}", e);
            }
        }

        return states;
    }

    /// <summary>The state of an operator; null: it keeps none.</summary>
    public CellState? Of(string operatorId) => _byOperator.GetValueOrDefault(operatorId);

    public void Dispose()
    {
        foreach (var store in _stores.Values.Reverse())
        {
            store.Dispose();
        }

        _stores.Clear();
        _lock?.Dispose();
        _lock = null;
    }

    private CellState Create(string operatorId, StateConfig config)
    {
        var isKept = config.Keep;
        var store = config.Durability switch
        {
            StateDurability.Disk => Named(isKept ? "kept disk" : "run disk", () => OpenDisk(isKept)),
            StateDurability.Sync => Named(isKept ? "kept sync" : "run sync", () => OpenFile(DiskFolder(isKept), "sync", StoreDurability.Machine)),
            _ => Memory(),
        };
        (store as StateDisk)?.Reconcile(StateRecords.Prefix(operatorId));

        // Which event is being handled ends with the run; with durability 'memory' it goes in one commit with the state.
        var events = config.Redeliver ? Memory() : null;
        return new CellState(operatorId, config, Guid.TryParse(_config.DataflowId, out var run) ? run : default, store, events);

        IKeyValueStore Memory() => Named("memory", () => OpenFile(_config.StateDirectory, "memory", StoreDurability.Process));
    }

    private IKeyValueStore Named(string name, Func<IKeyValueStore> open)
    {
        if (!_stores.TryGetValue(name, out var store))
        {
            _stores.Add(name, store = open());
        }

        return store;
    }

    private StateDisk OpenDisk(bool isKept)
    {
        var disk = OpenFile(DiskFolder(isKept), "state", StoreDurability.Machine);
        try
        {
            return new StateDisk(OpenFile(_config.StateDirectory, isKept ? "fast-kept" : "fast-run", StoreDurability.Process), disk, _warn);
        }
        catch
        {
            disk.Dispose();
            throw;
        }
    }

    private string DiskFolder(bool isKept)
    {
        if (!isKept)
        {
            return _config.StateDirectory;
        }

        var folder = MakeFolder(_config.KeptStateDirectory);
        _lock ??= LockFile.TryTake(Path.Combine(folder, "lock"), create: true, out _)
            ?? throw new StorageException($"'{folder}' is in use by another run of this dataflow; stop that one, or give this one another name");
        return folder;
    }

    private LmdbStore OpenFile(string folder, string name, StoreDurability durability)
    {
        var wanted = _config.Operators.Where(op => op.State is not null).Sum(op => (double)op.State.MaxSize);
        return LmdbStore.Open(Path.Combine(MakeFolder(folder), name), new StoreOptions
        {
            Durability = durability,
            FileBytesMax = (long)Math.Min(FileBytesMax, (FileToState * wanted) + FileBytesSpare),
        });
    }

    private static string MakeFolder(string path) =>
        Directory.CreateDirectory(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute).FullName;
}
