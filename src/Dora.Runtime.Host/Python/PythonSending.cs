// SPDX-License-Identifier: Apache-2.0

using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using Dora.Operators;
using Dora.Protocol;

namespace Dora.Runtime.Host.Python;

/// <summary>The functions of the module <c>_dora_host</c>, which Python calls: sending and logging.</summary>
internal static unsafe class PythonSending
{
    [ThreadStatic]
    private static OutputSender? t_output; // of the event that this thread handles: Python calls back without naming an object

    private static readonly List<(byte[] Utf8, string Id)> s_outputs = []; // ids that were sent to; under the interpreter's lock

    /// <summary>From now on this thread sends with <paramref name="output"/>. Returns what <see cref="End"/> wants.</summary>
    public static OutputSender? Begin(OutputSender output)
    {
        var outer = t_output;
        t_output = output;
        return outer;
    }

    public static void End(OutputSender? outer) => t_output = outer;

    /// <summary>Adds the functions to the module. The caller has the interpreter's lock.</summary>
    public static void AddTo(nint module)
    {
        Add(module, "send", &Send);
        Add(module, "send_arrow", &SendArrow);
        Add(module, "export", &Export);
        Add(module, "describe", &Describe);
        Add(module, "log", &Log);
    }

    /// <summary>Adds one function to a module.</summary>
    internal static void Add(nint module, string name, delegate* unmanaged[Cdecl]<nint, nint*, nint, nint> function)
    {
        var method = (PyMethod*)NativeMemory.AllocZeroed((nuint)sizeof(PyMethod)); // Python keeps the address
        method->Name = PythonPayload.Utf8(name);
        method->Function = function;
        method->Flags = PyMethod.FastCall;
        PythonRuntime.SetAttribute(module, name, PythonApi.NewFunction(method, 0, 0));
    }

    // send(id: str, data: buffer, parameters: list | None)
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static nint Send(nint self, nint* arguments, nint count)
    {
        PyBuffer view = default;
        try
        {
            if (count != 3)
                return Fail(PythonApi.TypeError, "send takes an output, data and parameters");
            if (t_output is not { } output)
                return Fail(PythonApi.RuntimeError, "outputs can be sent only within on_event, and on the thread that called it");
            nint length;
            var utf8 = PythonApi.AsUtf8(arguments[0], &length);
            if (utf8 == null || PythonApi.GetBuffer(arguments[1], &view, PyBuffer.FullReadOnly) < 0)
                return 0; // a TypeError is set
            Send(output, OutputId(new ReadOnlySpan<byte>(utf8, (int)length)), &view, arguments[2]);
            PythonApi.IncRef(PythonApi.None);
            return PythonApi.None;
        }
        catch (Exception e) // nothing managed may unwind into C
        {
            return Fail(e is ArgumentException ? PythonApi.ValueError : PythonApi.RuntimeError, e.Message);
        }
        finally
        {
            if (view.Owner != 0)
                PythonApi.ReleaseBuffer(&view);
        }
    }

    private static void Send(OutputSender output, string id, PyBuffer* view, nint parameters)
    {
        if (view->Length > Array.MaxLength)
            throw new ArgumentException($"a message has at most {Array.MaxLength} bytes; this has {view->Length}");
        var metadata = PythonMetadata.FromList(parameters);
        if (PythonApi.IsContiguous(view, (byte)'C') != 0)
        {
            if (PythonArrow.Over(view) is { } array)
            {
                output.Send(id, array, metadata);
                return;
            }

            // SAFETY: the buffer is ours to read until it is released, and contiguous.
            output.Send(id, new ReadOnlySpan<byte>(view->Data, (int)view->Length), metadata);
            return;
        }

        if (PythonArrow.IsTyped(view))
        {
            SendRowOf(output, id, view, metadata);
            return;
        }

        output.Send(
            id,
            (int)view->Length,
            (nint)view,
            static (destination, view) =>
            {
                fixed (byte* start = destination)
                    _ = PythonApi.ToContiguous(start, (PyBuffer*)view, destination.Length, (byte)'C');
            },
            metadata);
    }

    // Numbers that lie apart have to be put in a row before they are an Arrow array.
    private static void SendRowOf(OutputSender output, string id, PyBuffer* view, MetadataParameters? metadata)
    {
        var row = *view; // not an owner: only the original is released
        row.Data = (byte*)NativeMemory.Alloc((nuint)Math.Max(view->Length, 1));
        try
        {
            _ = PythonApi.ToContiguous(row.Data, view, view->Length, (byte)'C');
            output.Send(id, PythonArrow.Over(&row)!, metadata);
        }
        finally
        {
            NativeMemory.Free(row.Data);
        }
    }

    // send_arrow(id: str, schema: capsule, array: capsule, parameters: list | None)
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static nint SendArrow(nint self, nint* arguments, nint count)
    {
        try
        {
            if (count != 4)
                return Fail(PythonApi.TypeError, "send_arrow takes an output, two capsules and parameters");
            if (t_output is not { } output)
                return Fail(PythonApi.RuntimeError, "outputs can be sent only within on_event, and on the thread that called it");
            var id = PythonRuntime.TextOf(arguments[0]);
            using var array = PythonArrow.Import(arguments[1], arguments[2]);
            if (array is null)
                return 0;
            output.Send(id, array, PythonMetadata.FromList(arguments[3]));
            PythonApi.IncRef(PythonApi.None);
            return PythonApi.None;
        }
        catch (Exception e)
        {
            return Fail(e is ArgumentException or NotSupportedException ? PythonApi.ValueError : PythonApi.RuntimeError, e.Message);
        }
    }

    // export(payload): two capsules
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static nint Export(nint self, nint* arguments, nint count)
    {
        try
        {
            return PythonPayload.Export(arguments[0]);
        }
        catch (Exception e)
        {
            return Fail(PythonApi.ValueError, e.Message);
        }
    }

    // describe(payload): str
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static nint Describe(nint self, nint* arguments, nint count)
    {
        try
        {
            return PythonRuntime.Text(PythonPayload.Describe(arguments[0]));
        }
        catch (Exception e)
        {
            return Fail(PythonApi.ValueError, e.Message);
        }
    }

    // log(level: int, target: str, message: str)
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static nint Log(nint self, nint* arguments, nint count)
    {
        try
        {
            OperatorLog.Write((int)Math.Clamp(PythonApi.AsLong(arguments[0]), 0, 4), PythonRuntime.TextOf(arguments[1]), PythonRuntime.TextOf(arguments[2]));
            PythonApi.IncRef(PythonApi.None);
            return PythonApi.None;
        }
        catch (Exception e)
        {
            return Fail(PythonApi.RuntimeError, e.Message);
        }
    }

    /// <summary>Sets Python's error. Returns what a function then answers.</summary>
    internal static nint Fail(nint type, string message)
    {
        var utf8 = Encoding.UTF8.GetBytes(message + '\0');
        fixed (byte* text = utf8)
            PythonApi.SetError(type, text);
        return 0;
    }

    private static string OutputId(ReadOnlySpan<byte> utf8)
    {
        foreach (var (known, id) in s_outputs)
        {
            if (utf8.SequenceEqual(known))
                return id;
        }

        var text = Encoding.UTF8.GetString(utf8);
        if (s_outputs.Count < 64) // an operator that makes names up fills no memory
            s_outputs.Add((utf8.ToArray(), text));
        return text;
    }
}
