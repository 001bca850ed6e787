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
/// <para>Threading: the runtime's; the sender works on the thread of the call only, and refuses others.</para>
/// </remarks>
internal sealed unsafe class NativeOperator : IOperator, IDisposable
{
    // The call that runs on this thread: native code calls back without naming an object that could outlive it.
    [ThreadStatic]
    private static OutputSender? t_output;

    [ThreadStatic]
    private static NativeOperator? t_current;

    private readonly NativeFunctions _functions;
    private readonly Dictionary<string, byte[]> _ids = []; // UTF-8 of input ids, pinned: made at the first message of each
    private readonly List<(byte[] Utf8, string Id)> _outputs = []; // ids that were sent to, so that no string is made for each message
    private void* _context;

    public NativeOperator(NativeFunctions functions, void* context)
    {
        _functions = functions;
        _context = context;
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
                        };
                        native.Input = &input;
                        return Call(&native, output);
                    }
                }

            case OperatorEventKind.InputClosed:
                native.InputClosed = Borrow(e.Id);
                return Call(&native, output);

            case OperatorEventKind.Stop:
                native.Stop = 1;
                return Call(&native, output);

            case OperatorEventKind.NodeFailed:
                fixed (byte* text = Encoding.UTF8.GetBytes($"node '{e.Id}' failed: {e.Reason}"))
                {
                    native.Error = new NativeBytes { Pointer = text, Length = (nuint)Encoding.UTF8.GetByteCount($"node '{e.Id}' failed: {e.Reason}") };
                    return Call(&native, output);
                }

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

    private DoraStatus Call(NativeEvent* native, OutputSender output)
    {
        var sender = new NativeSender
        {
            Call = &SendOwned,
            Release = &DoNothing,
            Retain = &DoNothing,
            SendBytes = &SendBytes,
        };
        var (outerOutput, outerOperator) = (t_output, t_current);
        (t_output, t_current) = (output, this);
        NativeEventResult result;
        try
        {
            result = _functions.OnEvent(native, &sender, _context);
        }
        finally
        {
            (t_output, t_current) = (outerOutput, outerOperator);
        }

        NativeError.ThrowIfSet(result.Result, "dora_on_event");
        return result.Status <= (byte)DoraStatus.StopAll
            ? (DoraStatus)result.Status
            : throw new NativeOperatorException($"dora_on_event returned the status {result.Status}; there are 0 (continue), 1 (stop) and 2 (stop all)");
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static NativeResult SendOwned(void* environment, NativeOutput output)
    {
        try
        {
            return Send(output.Id.Span, output.Data.Span);
        }
        catch (Exception e) // nothing managed may unwind into C
        {
            return NativeError.Of(e.Message);
        }
        finally
        {
            NativeMemory.Free(output.Id.Pointer);
            NativeMemory.Free(output.Data.Pointer);
            NativeMemory.Free(output.OpenTelemetryContext.Pointer);
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static NativeResult SendBytes(void* environment, byte* id, nuint idLength, byte* data, nuint length)
    {
        try
        {
            // SAFETY: the operator lends both for the call.
            return Send(new ReadOnlySpan<byte>(id, checked((int)idLength)), new ReadOnlySpan<byte>(data, checked((int)length)));
        }
        catch (Exception e)
        {
            return NativeError.Of(e.Message);
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void DoNothing(void* environment)
    {
    }

    private static NativeResult Send(ReadOnlySpan<byte> id, ReadOnlySpan<byte> data)
    {
        if (t_output is not { } output || t_current is not { } current)
            return NativeError.Of("outputs can be sent only during dora_on_event, and on the thread that called it");
        output.Send(current.OutputId(id), data);
        return default;
    }

    private string OutputId(ReadOnlySpan<byte> utf8)
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
