// SPDX-License-Identifier: Apache-2.0

using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Dora.Operators;

namespace Dora.Runtime.Host.Python;

/// <summary>The functions of the module <c>_dora_host</c> for an operator's state, and what is restored as Python's objects.</summary>
internal static unsafe class PythonState
{
    [ThreadStatic]
    private static OperatorState? t_state; // of the operator whose event this thread handles; null: it keeps none

    /// <summary>From now on this thread saves to <paramref name="state"/>; null: to nothing.</summary>
    public static void Use(OperatorState? state) => t_state = state;

    /// <summary>Adds the functions to the module. The caller has the interpreter's lock.</summary>
    public static void AddTo(nint module)
    {
        PythonSending.Add(module, "save_state", &Save);
        PythonSending.Add(module, "delete_state", &Delete);
        PythonSending.Add(module, "commit_state", &Commit);
    }

    /// <summary>A new dictionary of bytes by text. The caller has the interpreter's lock.</summary>
    public static nint ToDictionary(IReadOnlyDictionary<string, ReadOnlyMemory<byte>> state)
    {
        var dictionary = PythonApi.NewDict();
        foreach (var (key, value) in state)
        {
            fixed (byte* bytes = value.Span)
            {
                var (name, item) = (PythonRuntime.Text(key), PythonApi.FromBytes(bytes, value.Length));
                if (item == 0 || PythonApi.SetItem(dictionary, name, item) < 0)
                    throw PythonRuntime.TakeError($"the state's '{key}' cannot be given to Python");
                PythonApi.DecRef(name);
                PythonApi.DecRef(item);
            }
        }

        return dictionary;
    }

    // save_state(key: str, value: buffer) -> None, or a text: there is no room
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static nint Save(nint self, nint* arguments, nint count)
    {
        PyBuffer view = default;
        try
        {
            if (count != 2)
                return PythonSending.Fail(PythonApi.TypeError, "save_state takes a key and bytes");
            if (!PythonRuntime.IsText(arguments[0]))
                return PythonSending.Fail(PythonApi.TypeError, "the key of a state is str");
            if (PythonApi.GetBuffer(arguments[1], &view, PyBuffer.FullReadOnly) < 0)
                return 0; // a TypeError is set
            if (PythonApi.IsContiguous(&view, (byte)'C') == 0 || view.Length > Array.MaxLength)
                return PythonSending.Fail(PythonApi.ValueError, "a value of the state is contiguous bytes");

            // SAFETY: the buffer is ours to read until it is released, and contiguous.
            State().Save(PythonRuntime.TextOf(arguments[0]), new ReadOnlySpan<byte>(view.Data, (int)view.Length));
            return None();
        }
        catch (StateSizeException e)
        {
            return PythonRuntime.Text(e.Message);
        }
        catch (Exception e) // nothing managed may unwind into C
        {
            return Failed(e);
        }
        finally
        {
            if (view.Owner != 0)
                PythonApi.ReleaseBuffer(&view);
        }
    }

    // delete_state(key: str) -> bool
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static nint Delete(nint self, nint* arguments, nint count)
    {
        try
        {
            return count == 1 && PythonRuntime.IsText(arguments[0])
                ? PythonApi.FromBool(State().Delete(PythonRuntime.TextOf(arguments[0])) ? 1 : 0)
                : PythonSending.Fail(PythonApi.TypeError, "delete_state takes a key, which is str");
        }
        catch (Exception e)
        {
            return Failed(e);
        }
    }

    // commit_state()
    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static nint Commit(nint self, nint* arguments, nint count)
    {
        try
        {
            State().Commit();
            return None();
        }
        catch (Exception e)
        {
            return Failed(e);
        }
    }

    private static OperatorState State() => t_state
        ?? throw new InvalidOperationException("there is no state to save to: the operator needs 'state: {}' in the dataflow, and state is saved within on_event");

    private static nint Failed(Exception e) =>
        PythonSending.Fail(e is ArgumentException ? PythonApi.ValueError : PythonApi.RuntimeError, e.Message);

    private static nint None()
    {
        PythonApi.IncRef(PythonApi.None);
        return PythonApi.None;
    }
}
