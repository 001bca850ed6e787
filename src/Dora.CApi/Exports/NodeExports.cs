// SPDX-License-Identifier: Apache-2.0

using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Dora.CApi.Handles;
using Dora.Nodes;

namespace Dora.CApi.Exports;

/// <summary><c>dora/dora.h</c>: joining a dataflow, what is known about the node, leaving.</summary>
internal static unsafe class NodeExports
{
    [UnmanagedCallersOnly(EntryPoint = "dora_node_init", CallConvs = [typeof(CallConvCdecl)])]
    public static Status Init(nint* node)
    {
        try
        {
            Arguments.NotNull(node, "node");
            *node = 0;
            *node = Open();
            return Status.Ok;
        }
        catch (Exception e) // nothing managed may unwind into C
        {
            return LastError.Record(e);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "dora_node_free", CallConvs = [typeof(CallConvCdecl)])]
    public static Status Free(nint node) => Close(node);

    [UnmanagedCallersOnly(EntryPoint = "dora_node_id", CallConvs = [typeof(CallConvCdecl)])]
    public static Status Id(nint node, byte** data, nuint* length) => Give(node, data, length, static box => box.Id);

    [UnmanagedCallersOnly(EntryPoint = "dora_node_dataflow_id", CallConvs = [typeof(CallConvCdecl)])]
    public static Status DataflowId(nint node, byte** data, nuint* length) => Give(node, data, length, static box => box.DataflowId);

    [UnmanagedCallersOnly(EntryPoint = "dora_node_dataflow_descriptor", CallConvs = [typeof(CallConvCdecl)])]
    public static Status Descriptor(nint node, byte** data, nuint* length) => Give(node, data, length, static box => box.Descriptor);

    [UnmanagedCallersOnly(EntryPoint = "dora_node_config_json", CallConvs = [typeof(CallConvCdecl)])]
    public static Status Config(nint node, byte** data, nuint* length) => Give(node, data, length, static box => box.Config);

    [UnmanagedCallersOnly(EntryPoint = "dora_node_restart_count", CallConvs = [typeof(CallConvCdecl)])]
    public static Status RestartCount(nint node, uint* count)
    {
        try
        {
            Arguments.NotNull(count, "count");
            *count = (uint)Tables.Nodes.Resolve(node).Node.RestartCount;
            return Status.Ok;
        }
        catch (Exception e)
        {
            return LastError.Record(e);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "dora_node_timestamp", CallConvs = [typeof(CallConvCdecl)])]
    public static Status Timestamp(nint node, ulong* unixNs)
    {
        try
        {
            Arguments.NotNull(unixNs, "unix_ns");
            *unixNs = Tables.Nodes.Resolve(node).Node.Timestamp();
            return Status.Ok;
        }
        catch (Exception e)
        {
            return LastError.Record(e);
        }
    }

    [UnmanagedCallersOnly(EntryPoint = "dora_node_log", CallConvs = [typeof(CallConvCdecl)])]
    public static Status Log(nint node, int level, byte* message, nuint messageLength, byte* target, nuint targetLength)
    {
        try
        {
            WriteLog(node, level, Arguments.Text(message, messageLength, "message"), Arguments.Text(target, targetLength, "target"));
            return Status.Ok;
        }
        catch (Exception e)
        {
            return LastError.Record(e);
        }
    }

    /// <summary>Joins the dataflow that started this process.</summary>
    internal static nint Open()
    {
        var node = DoraNode.InitFromEnv();
        Tables.Nodes.Rent(out var handle).Open(node);
        return handle;
    }

    internal static Status Close(nint node)
    {
        try
        {
            Tables.Nodes.Return(node, static box => box.Close());
            return Status.Ok;
        }
        catch (Exception e)
        {
            return LastError.Record(e);
        }
    }

    internal static void WriteLog(nint node, int level, string message, string target)
    {
        if (!Enum.IsDefined((NodeLogLevel)level))
            throw new CApiException(Status.InvalidArgument, $"{level} is no log level: 0 error, 1 warn, 2 info, 3 debug, 4 trace");
        Tables.Nodes.Resolve(node).Node.Log((NodeLogLevel)level, message, target.Length == 0 ? null : target);
    }

    private static Status Give(nint node, byte** data, nuint* length, Func<NodeBox, NativeText> choose)
    {
        try
        {
            Arguments.Give(choose(Tables.Nodes.Resolve(node)), data, length);
            return Status.Ok;
        }
        catch (Exception e)
        {
            return LastError.Record(e);
        }
    }
}
