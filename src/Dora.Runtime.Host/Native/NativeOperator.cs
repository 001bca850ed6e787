// SPDX-License-Identifier: Apache-2.0

using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using Dora.Operators;
using Dora.Protocol;

namespace Dora.Runtime.Host.Native;

/// <summary>One instance of an operator in a shared library.</summary>
/// <remarks>
/// <para>Ownership: what the operator gets is borrowed for the call; the data lies where its sender wrote it. What it sends by
/// <c>call</c> is from malloc and freed here.</para>
/// <para>Threading: the runtime's; what it may call back works on the thread of the call only, see <see cref="NativeCall"/>.</para>
/// </remarks>
internal sealed unsafe class NativeOperator : IStatefulOperator, IDisposable
{
    private readonly string _operatorId;
    private readonly NativeFunctions _functions;
    private readonly Dictionary<string, byte[]> _ids = []; // UTF-8 of input ids, pinned: made at the first message of each
    private readonly List<(byte[] Utf8, string Id)> _outputs = []; // ids that were sent to, so that no string is made for each message
    private void* _context;

    public NativeOperator(string operatorId, NativeFunctions functions, void* context, OperatorState? state)
    {
        State = state;
        _operatorId = operatorId;
        _functions = functions;
        _context = context;
    }

    /// <summary>For log records.</summary>
    public string OperatorId => _operatorId;

    /// <summary>Null: it keeps none.</summary>
    public OperatorState? State { get; }

    public void RestoreState(IReadOnlyDictionary<string, ReadOnlyMemory<byte>> state, RestoreInfo info)
    {
        if (!_functions.KnowsState)
            return;
        using var memory = new NativeTexts();
        var entries = state.Select(entry => (Key: memory.Add(Encoding.UTF8.GetBytes(entry.Key)), Value: memory.Add(entry.Value.ToArray()))).ToArray();
        var damaged = info.DamagedKeys.Select(key => memory.Add(Encoding.UTF8.GetBytes(key))).ToArray();
        var native = new NativeStateEntry[entries.Length];
        for (var i = 0; i < entries.Length; i++)
            native[i] = new NativeStateEntry { Key = entries[i].Key, Value = entries[i].Value.Pointer, ValueLength = entries[i].Value.Length };
        fixed (NativeStateEntry* first = native)
        {
            fixed (NativeText* keys = damaged)
            {
                var told = new NativeRestoreInfo
                {
                    Size = (nuint)sizeof(NativeRestoreInfo),
                    Reason = (int)info.Reason,
                    Incarnation = info.Incarnation,
                    Version = info.Version,
                    DamagedKeys = keys,
                    DamagedKeysLength = (nuint)damaged.Length,
                };
                NativeError.ThrowIfSet(_functions.Restore(_context, first, (nuint)native.Length, &told), "dora_restore_state");
            }
        }
    }

    public DoraStatus OnEvent(in OperatorEvent e, OutputSender output)
    {
        NativeEvent native = default;
        switch (e.Kind)
        {
            case OperatorEventKind.Input:
                fixed (byte* data = e.Data)
                {
                    var context = TraceContextOf(e);
                    fixed (byte* trace = context)
                    {
                        var input = new NativeInput
                        {
                            Id = Borrow(e.Id),
                            Data = new NativeBytes { Pointer = data == null ? Nothing : data, Length = (nuint)e.Data.Length },
                            OpenTelemetryContext = new NativeBytes { Pointer = trace == null ? Nothing : trace, Length = (nuint)context.Length },
                            TimestampNs = e.TimestampNs,
                            IsArrow = e.IsTyped ? (byte)1 : (byte)0,
                            Api = NativeCall.Api,
                        };
                        native.Input = &input;
                        return Call(&native, output, e.Sample);
                    }
                }

            case OperatorEventKind.InputClosed:
                native.InputClosed = Borrow(e.Id);
                return CallWithReason(&native, e.Reason, output);

            case OperatorEventKind.InputRecovered:
                native.InputRecovered = Borrow(e.Id);
                return Call(&native, output);

            case OperatorEventKind.NodeRestarted:
                native.NodeRestarted = Borrow(e.Id);
                return Call(&native, output);

            case OperatorEventKind.Stop:
                native.Stop = 1;
                return CallWithReason(&native, e.Reason, output);

            case OperatorEventKind.NodeFailed:
                native.NodeFailed = Borrow(e.Id);
                var text = Encoding.UTF8.GetBytes($"node '{e.Id}' failed: {e.Reason}");
                fixed (byte* start = text)
                {
                    native.Error = new NativeBytes { Pointer = start, Length = (nuint)text.Length };
                    return CallWithReason(&native, e.Reason, output);
                }

            case OperatorEventKind.DeadlineMissed:
                native.DeadlineMissed = Borrow(e.Id);
                return CallWithReason(&native, e.Reason, output);

            default:
                return DoraStatus.Continue; // the C API knows no other events
        }
    }

    public void Dispose()
    {
        if (_context == (void*)-1)
            return;
        var context = _context;
        _context = (void*)-1; // dropped: -1 is no address, and NULL may be the operator's own choice
        NativeError.ThrowIfSet(_functions.Drop(context), "dora_drop_operator");
    }

    private static readonly byte* Nothing = (byte*)NativeMemory.AllocZeroed(1); // so that empty data is no NULL

    private DoraStatus CallWithReason(NativeEvent* native, string reason, OutputSender output)
    {
        var utf8 = Encoding.UTF8.GetBytes(reason);
        fixed (byte* text = utf8)
        {
            native->Reason = new NativeBytes { Pointer = text == null ? Nothing : text, Length = (nuint)utf8.Length };
            return Call(native, output);
        }
    }

    private DoraStatus Call(NativeEvent* native, OutputSender output, OperatorSample? sample = null)
    {
        var sender = NativeCall.Sender;
        NativeEventResult result;
        using (new NativeCall(this, output, sample))
        {
            result = _functions.OnEvent(native, &sender, _context);
        }

        NativeError.ThrowIfSet(result.Result, "dora_on_event");
        return result.Status <= (byte)DoraStatus.StopAll
            ? (DoraStatus)result.Status
            : throw new NativeOperatorException($"dora_on_event returned the status {result.Status}; there are 0 (continue), 1 (stop) and 2 (stop all)");
    }

    /// <summary>The text of an output's name.</summary>
    public string OutputId(ReadOnlySpan<byte> utf8)
    {
        foreach (var (known, id) in _outputs)
        {
            if (utf8.SequenceEqual(known))
                return id;
        }

        var text = Encoding.UTF8.GetString(utf8);
        if (_outputs.Count < 64) // an operator that makes names up fills no memory
            _outputs.Add((utf8.ToArray(), text));
        return text;
    }

    private NativeBytes Borrow(string id)
    {
        if (!_ids.TryGetValue(id, out var utf8))
        {
            utf8 = GC.AllocateUninitializedArray<byte>(Encoding.UTF8.GetByteCount(id) + 1, pinned: true);
            utf8[Encoding.UTF8.GetBytes(id, utf8)] = 0; // a NUL behind it, for those who print it
            _ids.Add(id, utf8);
        }

        return new NativeBytes { Pointer = (byte*)Unsafe.AsPointer(ref utf8[0]), Length = (nuint)utf8.Length - 1 };
    }

    private static ReadOnlySpan<byte> TraceContextOf(in OperatorEvent e)
    {
        var parameters = e.Parameters;
        return parameters.Count > 0 && parameters.GetString(WellKnownParameters.OpenTelemetryContext) is { Length: > 0 } text
            ? Encoding.UTF8.GetBytes(text)
            : default;
    }
}

/// <summary>Bytes at addresses that do not move, for one call.</summary>
internal sealed unsafe class NativeTexts : IDisposable
{
    private readonly List<nint> _blocks = [];

    /// <summary>A copy, valid until this is disposed; never NULL.</summary>
    public NativeText Add(ReadOnlySpan<byte> bytes)
    {
        var block = (byte*)NativeMemory.Alloc((nuint)bytes.Length + 1);
        _blocks.Add((nint)block);

        // SAFETY: one byte more than the bytes was allocated.
        bytes.CopyTo(new Span<byte>(block, bytes.Length));
        block[bytes.Length] = 0;
        return new NativeText { Pointer = block, Length = (nuint)bytes.Length };
    }

    public void Dispose()
    {
        foreach (var block in _blocks)
            NativeMemory.Free((void*)block);
    }
}
