// SPDX-License-Identifier: Apache-2.0

using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using Apache.Arrow;
using Apache.Arrow.C;
using Dora.CApi.Arrow;
using Dora.Operators;
using Dora.Protocol;

namespace Dora.Runtime.Host.Native;

/// <summary>One call of <c>dora_on_event</c>, and the functions that native code may call during it.</summary>
/// <remarks>
/// Native code calls back without naming an object that could outlive the call: the functions work for the innermost call of their
/// thread, and elsewhere fail.
/// </remarks>
internal sealed unsafe class NativeCall : IDisposable
{
    private const string NoCall = "this works only during dora_on_event, and on the thread that called it";

    /// <summary><c>DoraOperatorApi_t</c>; lives for ever.</summary>
    public static readonly NativeApi* Api = MakeApi();

    [ThreadStatic]
    private static NativeCall? t_current;

    private readonly NativeCall? _outer;
    private readonly NativeOperator _operator;
    private readonly OutputSender _output;
    private readonly OperatorSample? _sample; // of an input
    private NativeMetadata? _parameters; // of that input, once the operator asked for them

    public NativeCall(NativeOperator current, OutputSender output, OperatorSample? sample)
    {
        (_operator, _output, _sample) = (current, output, sample);
        _outer = t_current;
        t_current = this;
    }

    /// <summary>Forms of sending that dora's headers know; the same for every call.</summary>
    public static NativeSender Sender => new()
    {
        Call = &SendOwned,
        Release = &DoNothing,
        Retain = &DoNothing,
        SendBytes = &SendBytes,
        Api = Api,
    };

    public void Dispose()
    {
        t_current = _outer;
        _parameters?.Dispose();
    }

    private static NativeApi* MakeApi()
    {
        var api = (NativeApi*)NativeMemory.AllocZeroed((nuint)sizeof(NativeApi));
        *api = new NativeApi
        {
            Size = (nuint)sizeof(NativeApi),
            Send = &Send,
            SendInPlace = &SendInPlace,
            SendArrow = &SendArrow,
            Forward = &Forward,
            ReadParameters = &ReadParameters,
            ReadArrow = &ReadArrow,
            Log = &Log,
            SaveState = &SaveState,
            DeleteState = &DeleteState,
            CommitState = &CommitState,
        };
        return api;
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static NativeResult SendOwned(void* environment, NativeOutput output)
    {
        try
        {
            return SendSpan(output.Id.Span, output.Data.Span, null);
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
            return SendSpan(new ReadOnlySpan<byte>(id, checked((int)idLength)), new ReadOnlySpan<byte>(data, checked((int)length)), null);
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

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static NativeResult Send(NativeText id, byte* data, nuint length, NativeParameters parameters)
    {
        try
        {
            // SAFETY: the operator lends the bytes for the call.
            return SendSpan(id.Span, new ReadOnlySpan<byte>(data, checked((int)length)), NativeMetadata.Read(parameters));
        }
        catch (Exception e)
        {
            return NativeError.Of(e.Message);
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static NativeResult SendInPlace(
        NativeText id, nuint length, delegate* unmanaged[Cdecl]<void*, byte*, nuint, byte> write, void* state, NativeParameters parameters)
    {
        try
        {
            if (t_current is not { } call)
                return NativeError.Of(NoCall);
            if (write == null)
                return NativeError.Of("there is no function that writes the message");
            call._output.Send(
                call._operator.OutputId(id.Span),
                checked((int)length),
                (Write: (nint)write, State: (nint)state),
                static (destination, writer) =>
                {
                    fixed (byte* start = destination)
                    {
                        var write = (delegate* unmanaged[Cdecl]<void*, byte*, nuint, byte>)writer.Write;
                        if (write((void*)writer.State, start, (nuint)destination.Length) == 0)
                            throw new NativeOperatorException("the function that writes the message gave up: nothing was sent");
                    }
                },
                NativeMetadata.Read(parameters));
            return default;
        }
        catch (Exception e)
        {
            return NativeError.Of(e.Message);
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static NativeResult SendArrow(NativeText id, CArray* array, CSchema* schema, NativeParameters parameters)
    {
        try
        {
            using var taken = Take(array, schema); // in every case, also when nothing can be sent
            if (t_current is not { } call)
                return NativeError.Of(NoCall);
            call._output.Send(call._operator.OutputId(id.Span), taken, NativeMetadata.Read(parameters));
            return default;
        }
        catch (Exception e)
        {
            return NativeError.Of(e.Message);
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static NativeResult Forward(NativeText id)
    {
        try
        {
            if (t_current is not { } call)
                return NativeError.Of(NoCall);
            if (call._sample is not { } sample)
                return NativeError.Of("only an input can be forwarded");
            using RetainedSample retained = new(sample);
            call._output.Forward(call._operator.OutputId(id.Span), retained);
            return default;
        }
        catch (Exception e)
        {
            return NativeError.Of(e.Message);
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static NativeResult ReadParameters(NativeParameters* parameters)
    {
        try
        {
            if (parameters == null)
                return NativeError.Of("there is no place for the parameters");
            *parameters = default;
            if (t_current is not { } call)
                return NativeError.Of(NoCall);
            if (call._sample is { } sample)
                *parameters = (call._parameters ??= new NativeMetadata()).Write(sample.Parameters);
            return default;
        }
        catch (Exception e)
        {
            return NativeError.Of(e.Message);
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static NativeResult ReadArrow(CArray* array, CSchema* schema)
    {
        try
        {
            if (array == null || schema == null)
                return NativeError.Of("there is no place for the Arrow array and its schema");
            (*array, *schema) = (default, default);
            if (t_current is not { } call)
                return NativeError.Of(NoCall);
            if (call._sample is not { } sample)
                return NativeError.Of("only an input is an Arrow array");
            PinnedSample pinned = new(new RetainedSample(sample));
            ArrowExport.Give(pinned, pinned.Payload, sample.Data.Length, sample.ArrowMetadata.Span, array, schema);
            return default;
        }
        catch (Exception e)
        {
            return NativeError.Of(e.Message);
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static NativeResult Log(int level, NativeText message)
    {
        try
        {
            if (t_current is not { } call)
                return NativeError.Of(NoCall);
            OperatorLog.Write(level, call._operator.OperatorId, Encoding.UTF8.GetString(message.Span));
            return default;
        }
        catch (Exception e)
        {
            return NativeError.Of(e.Message);
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static NativeResult SaveState(NativeText key, byte* value, nuint length)
    {
        try
        {
            // SAFETY: the operator lends the value for the call.
            State().Save(Encoding.UTF8.GetString(key.Span), new ReadOnlySpan<byte>(value, checked((int)length)));
            return default;
        }
        catch (Exception e)
        {
            return NativeError.Of(e.Message);
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static NativeResult DeleteState(NativeText key)
    {
        try
        {
            State().Delete(Encoding.UTF8.GetString(key.Span));
            return default;
        }
        catch (Exception e)
        {
            return NativeError.Of(e.Message);
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static NativeResult CommitState()
    {
        try
        {
            State().Commit();
            return default;
        }
        catch (Exception e)
        {
            return NativeError.Of(e.Message);
        }
    }

    private static OperatorState State() => t_current is not { } call ? throw new InvalidOperationException($"state cannot be saved here: {NoCall}")
        : call._operator.State ?? throw new InvalidOperationException("the operator keeps no state; add 'state: {}' to it in the dataflow");

    private static NativeResult SendSpan(ReadOnlySpan<byte> id, ReadOnlySpan<byte> data, MetadataParameters? parameters)
    {
        if (t_current is not { } call)
            return NativeError.Of($"outputs cannot be sent here: {NoCall}");
        call._output.Send(call._operator.OutputId(id), data, parameters);
        return default;
    }

    private static IArrowArray Take(CArray* array, CSchema* schema)
    {
        if (array == null || schema == null)
            throw new ArgumentException("there is no Arrow array, or no schema of it");
        try
        {
            if (array->Release == null || schema->Release == null)
                throw new ArgumentException("the Arrow array or its schema was released already");
            var type = CArrowSchemaImporter.ImportType((CArrowSchema*)schema);
            return CArrowArrayImporter.ImportArray((CArrowArray*)array, type);
        }
        finally // what was imported is marked as released
        {
            if (array->Release != null)
                array->Release(array);
            if (schema->Release != null)
                schema->Release(schema);
        }
    }

    /// <summary>A message that C looks at. Memory of a sibling is the garbage collector's and could move.</summary>
    private sealed class PinnedSample(RetainedSample sample) : IDisposable
    {
        private MemoryHandle _pin = sample.Data.Pin();

        public byte* Payload => (byte*)_pin.Pointer;

        public void Dispose()
        {
            _pin.Dispose();
            sample.Dispose();
        }
    }
}
