// SPDX-License-Identifier: Apache-2.0

using System.Text;
using Dora.Operators;
using Dora.Protocol;
using Wasmtime;

namespace Dora.Runtime.Host.Wasm;

/// <summary>One instance of an operator in WebAssembly: a store with its own memory, dropped as a whole.</summary>
/// <remarks>
/// <para>Ownership: data is copied once into the module's memory, into a region that the module gave, and once out of it.</para>
/// <para>Errors: after a trap, a broken rule or a time-out nothing of the store is used again, <c>dora_drop</c> included.</para>
/// <para>Threading: one thread at a time. The imports find the operator whose call runs on their thread.</para>
/// </remarks>
internal sealed class WasmOperator : IOperator, IDisposable
{
    private const int Alignment = 16;

    [ThreadStatic]
    private static WasmOperator? t_current;

    private readonly WasmProgram _program;
    private readonly Store _store;
    private readonly Instance _instance;
    private readonly Memory _memory;
    private readonly Func<int, int> _alloc;
    private readonly Func<int, int, int, int, int, int> _onEvent;
    private readonly ulong _ticks;
    private readonly Dictionary<string, byte[]> _ids = []; // UTF-8 of what events are about
    private readonly List<(byte[] Utf8, string Id)> _outputs = []; // ids that were sent to, so that no string is made for each message
    private uint _region;                                  // the module's memory for events
    private int _regionBytes;
    private MetadataParameters _parameters = MetadataParameters.Empty; // of an event without a sample
    private bool _isStarted;
    private bool _isGone;

    /// <summary>Makes an instance and asks for its version; no code of the operator but that runs.</summary>
    /// <exception cref="WasmOperatorException">It cannot be made, or is of another version.</exception>
    public WasmOperator(WasmProgram program)
    {
        _program = program;
        _ticks = EpochTicker.TicksOf(program.Limits.Timeout);
        _store = program.Engine.NewStore();
        try
        {
            _store.SetLimits(program.Limits.MemoryBytes, tableElements: 100_000, instances: 1, tables: 8, memories: 1);
            _instance = Run(static op => op._program.Engine.Linker.Instantiate(op._store, op._program.Module), this);
            _memory = _instance.GetMemory("memory")!; // this and the types of the functions were checked
            _alloc = _instance.GetFunction<int, int>("dora_alloc")!;
            _onEvent = _instance.GetFunction<int, int, int, int, int, int>("dora_on_event")!;
            if (_instance.GetAction("_initialize") is { } initialize)
                Run(static action => { action(); return 0; }, initialize);
            var version = Run(static function => function(), _instance.GetFunction<int>("dora_abi_version")!);
            if (version != WasmInterface.Version)
            {
                throw new WasmOperatorException(
                    $"it was made for version {version} of dora's interface, and this dora has version {WasmInterface.Version}; compile it with this dora's headers");
            }
        }
        catch
        {
            Discard();
            throw;
        }
    }

    /// <summary>The operator whose call runs on this thread.</summary>
    public static WasmOperator Current => t_current ?? throw new WasmOperatorException("dora's functions can be called only while dora calls the module");

    public string Id => _program.OperatorId;

    /// <summary>Of the event that is being handled; null: none is.</summary>
    public OutputSender? Output { get; private set; }

    /// <summary>The input that is being handled; null for other events.</summary>
    public OperatorSample? Sample { get; private set; }

    /// <summary>Of the event that is being handled.</summary>
    public ulong TimestampNs { get; private set; }

    /// <summary>Of the event that is being handled.</summary>
    public MetadataParameters Received => Sample?.Parameters ?? _parameters; // a sample decodes them when they are asked for

    /// <summary>What the operator keeps beyond this instance; null: nothing.</summary>
    public OperatorState? State { get; private set; }

    /// <summary>For the next message that is sent; null: none.</summary>
    public MetadataParameters? Pending { get; set; }

    /// <summary>What the operator says went wrong.</summary>
    public string? Error { get; set; }

    /// <summary>Lets the operator initialise itself.</summary>
    /// <param name="state">What it keeps; null: nothing.</param>
    public void Start(OperatorState? state)
    {
        State = state;
        _isStarted = true;
        if (_instance.GetFunction<int>("dora_init") is { } init && Run(static function => function(), init) is not 0 and var status)
            throw Broken(Error ?? $"dora_init returned {status}");
    }

    public DoraStatus OnEvent(in OperatorEvent e, OutputSender output)
    {
        ObjectDisposedException.ThrowIf(_isGone, this);
        var id = Utf8(e.Id);
        var isInput = e.Kind == OperatorEventKind.Input;
        var data = isInput ? e.Data : e.Reason.Length > 0 ? Encoding.UTF8.GetBytes(e.Reason) : default;
        var idOffset = AlignUp(data.Length);
        if (idOffset + id.Length > _regionBytes)
            Reserve(checked(idOffset + id.Length));
        data.CopyTo(Guest(_region, (uint)data.Length, "the event"));
        id.CopyTo(Guest((uint)(_region + idOffset), (uint)id.Length, "the event"));
        (Output, Sample, TimestampNs, Error) = (output, e.Sample, isInput ? e.TimestampNs : 0, null);
        _parameters = e.Sample is null ? e.Parameters : MetadataParameters.Empty;
        int status;
        try
        {
            status = Call(KindOf(e.Kind), (int)(_region + idOffset), id.Length, (int)_region, data.Length);
        }
        finally
        {
            (Output, Sample, Pending) = (null, null, null);
        }

        return status is >= 0 and <= (int)DoraStatus.StopAll
            ? (DoraStatus)status
            : throw Broken(Error ?? $"dora_on_event returned {status}; there are 0 (continue), 1 (stop), 2 (stop all), and 3 (error) with a text from set_error");
    }

    /// <summary>The output that the module names.</summary>
    public string OutputId(uint address, uint length)
    {
        ReadOnlySpan<byte> utf8 = Guest(address, length, "the output's id");
        foreach (var (known, id) in _outputs)
        {
            if (utf8.SequenceEqual(known))
                return id;
        }

        var text = Encoding.UTF8.GetString(utf8[..Math.Min(utf8.Length, 256)]); // an id has at most 64; a wrong one is named in the error
        if (_outputs.Count < 64) // an operator that makes names up fills no memory
            _outputs.Add((utf8.ToArray(), text));
        return text;
    }

    /// <summary>The module's bytes at an address that it gave.</summary>
    /// <exception cref="WasmOperatorException">They do not lie in its memory.</exception>
    public Span<byte> Guest(uint address, uint length, string what)
    {
        var memoryBytes = _memory.GetLength();
        if ((long)address + length > memoryBytes || length > int.MaxValue)
            throw new WasmOperatorException($"{what}: {length} bytes at address {address} do not lie in its memory of {memoryBytes} bytes");
        return _memory.GetSpan(address, (int)length);
    }

    public void Dispose()
    {
        if (_isGone)
            return;
        try
        {
            if (_isStarted && _instance.GetAction("dora_drop") is { } drop)
                Run(static action => { action(); return 0; }, drop);
        }
        finally
        {
            Discard();
        }
    }

    private static int AlignUp(int length) => checked(length + Alignment - 1) & ~(Alignment - 1);

    // The numbers of dora.h.
    private static int KindOf(OperatorEventKind kind) => kind switch
    {
        OperatorEventKind.Input => 1,
        OperatorEventKind.InputClosed => 2,
        OperatorEventKind.InputRecovered => 5,
        OperatorEventKind.NodeRestarted => 6,
        OperatorEventKind.NodeFailed => 7,
        OperatorEventKind.DeadlineMissed => 9,
        _ => 0, // stop
    };

    private byte[] Utf8(string id)
    {
        if (!_ids.TryGetValue(id, out var utf8))
            _ids.Add(id, utf8 = Encoding.UTF8.GetBytes(id));
        return utf8;
    }

    // Asks for more than is needed now, so that messages of growing size do not ask each time.
    private void Reserve(int bytes)
    {
        var wanted = bytes <= 1 << 20 ? (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)Math.Max(bytes, 256)) : checked(bytes + 0xFFFF) & ~0xFFFF;
        var address = (uint)Run(static (function, wanted) => function(wanted), _alloc, wanted);
        if (address == 0)
            throw Broken($"dora_alloc has no {wanted} bytes for an event; its limit is {_program.Limits.MemoryBytes} bytes ('memory')");
        if (address % Alignment != 0 || address + (long)wanted > _memory.GetLength())
            throw Broken($"dora_alloc returned {address}, where no {wanted} bytes lie in its memory of {_memory.GetLength()} bytes, or not aligned to {Alignment}");
        (_region, _regionBytes) = (address, wanted);
    }

    private int Call(int kind, int id, int idLength, int data, int length)
    {
        var outer = Begin();
        try
        {
            return _onEvent(kind, id, idLength, data, length);
        }
        catch (WasmtimeException e)
        {
            throw Failed(e);
        }
        finally
        {
            End(outer);
        }
    }

    private TResult Run<T, TResult>(Func<T, TResult> call, T state) => Run(static (s, _) => s.call(s.state), (call, state), 0);

    private TResult Run<T, TArgument, TResult>(Func<T, TArgument, TResult> call, T state, TArgument argument)
    {
        var outer = Begin();
        try
        {
            return call(state, argument);
        }
        catch (WasmtimeException e)
        {
            throw Failed(e);
        }
        finally
        {
            End(outer);
        }
    }

    private WasmOperator? Begin()
    {
        _store.SetEpochDeadline(_ticks);
        if (_program.Limits.Fuel > 0)
            _store.Fuel = _program.Limits.Fuel;
        _program.Engine.Ticker.Enter();
        var outer = t_current;
        t_current = this;
        return outer;
    }

    private void End(WasmOperator? outer)
    {
        t_current = outer;
        _program.Engine.Ticker.Leave();
    }

    private WasmOperatorException Failed(WasmtimeException e)
    {
        var failure = WasmOperatorException.Of(e, _program.Limits, _memory is null ? 0 : _memory.GetLength());
        Discard();
        return failure;
    }

    private WasmOperatorException Broken(string message)
    {
        Discard();
        return new WasmOperatorException(message);
    }

    private void Discard()
    {
        _isGone = true;
        _store.Dispose();
    }
}
