// SPDX-License-Identifier: Apache-2.0

using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using Dora.CApi.Handles;
using Dora.Nodes;

namespace Dora.CApi.Exports;

/// <summary><c>dora/dora.h</c>: waiting for chosen inputs.</summary>
internal static unsafe class WaitExports
{
    private const nuint InputsMax = 65_536; // far more than a node can have; a count beyond is a mistake, and its names are not read

    [UnmanagedCallersOnly(EntryPoint = "dora_node_wait_any", CallConvs = [typeof(CallConvCdecl)])]
    public static Status WaitAny(nint node, byte** inputs, nuint* lengths, nuint count, long timeoutNs, nint* result)
    {
        try
        {
            return Wait(node, inputs, lengths, count, timeoutNs, result, all: false);
        }
        catch (Exception e)
        {
            return LastError.Record(e);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "dora_node_wait_all", CallConvs = [typeof(CallConvCdecl)])]
    public static Status WaitAll(nint node, byte** inputs, nuint* lengths, nuint count, long timeoutNs, nint* result)
    {
        try
        {
            return Wait(node, inputs, lengths, count, timeoutNs, result, all: true);
        }
        catch (Exception e)
        {
            return LastError.Record(e);
        }
    }

    private static Status Wait(nint node, byte** inputs, nuint* lengths, nuint count, long timeoutNs, nint* result, bool all)
    {
        Arguments.NotNull(result, "event");
        *result = 0;
        if (count is 0 or > InputsMax)
            throw new CApiException(Status.InvalidArgument, $"{count} inputs cannot be waited for; name at least one");
        Arguments.NotNull(inputs, "inputs");
        var box = Tables.Nodes.Resolve(node);
        var names = ArrayPool<string>.Shared.Rent((int)count); // the path of a message: nothing is allocated
        try
        {
            for (var i = 0; i < (int)count; i++)
                names[i] = Name(box, inputs[i], lengths is null ? null : lengths + i);
            var wanted = new ReadOnlySpan<string>(names, 0, (int)count);
            var timeout = EventExports.ToTimeSpan(timeoutNs);
            DoraEvent? next = all ? box.Node.WaitAllOwned(wanted, timeout) : box.Node.WaitAnyOwned(wanted, timeout);
            if (next is null)
                return box.Node.HasEnded ? Status.Ended : box.Node.WaitedInVain ? Status.Closed : Status.Timeout;
            Tables.Events.Rent(out *result).Open(next, box);
            return Status.Ok;
        }
        finally
        {
            ArrayPool<string>.Shared.Return(names, clearArray: true);
        }
    }

    private static string Name(NodeBox box, byte* input, nuint* length)
    {
        Arguments.NotNull(input, "a name in inputs");

        // SAFETY: the header demands a length for each name, or names that end with a NUL.
        var name = length is null ? MemoryMarshal.CreateReadOnlySpanFromNullTerminated(input) : Arguments.Bytes(input, *length, "a name in inputs");
        return box.InputName(name) ?? Encoding.UTF8.GetString(name); // the latter for the error that says what there is
    }
}
