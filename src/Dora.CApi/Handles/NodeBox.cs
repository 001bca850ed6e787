// SPDX-License-Identifier: Apache-2.0

using System.Text;
using System.Text.Json;
using Dora.Nodes;

namespace Dora.CApi.Handles;

/// <summary>A node as C holds it.</summary>
internal sealed class NodeBox
{
    private NativeText[] _outputIds = [];   // beside _outputs; fixed while the node lives
    private NodeOutput[] _outputs = [];
    private string[] _inputs = [];          // beside _inputIds; the very texts that events have
    private NativeText[] _inputIds = [];    // live until the node is freed
    private NativeText _id, _dataflowId, _descriptor, _config;

    public DoraNode Node { get; private set; } = null!;

    public NativeText Id => _id;

    public NativeText DataflowId => _dataflowId;

    /// <summary>YAML.</summary>
    public NativeText Descriptor => _descriptor;

    /// <summary>JSON.</summary>
    public NativeText Config => _config;

    public void Open(DoraNode node)
    {
        Node = node;
        _outputs = [.. node.Config.Outputs.Select(node.GetOutput)];
        _outputIds = [.. node.Config.Outputs.Select(NativeText.Copy)];
        _inputs = [.. node.Config.Inputs.Select(input => input.Id)];
        _inputIds = [.. _inputs.Select(NativeText.Copy)];
        _id = NativeText.Copy(node.Id);
        _dataflowId = NativeText.Copy(node.DataflowId);
        _descriptor = NativeText.Copy(node.DataflowDescriptor);
        _config = NativeText.Copy(ConfigJson(node));
    }

    public void Close()
    {
        Node.Dispose();
        foreach (var id in _outputIds.Concat(_inputIds).Append(_id).Append(_dataflowId).Append(_descriptor).Append(_config))
            id.Free();
    }

    /// <summary>The name of an input, or null when it is none of this node's.</summary>
    public NativeText? InputId(string id)
    {
        var index = _inputs.AsSpan().IndexOf(id); // few, and most often the same object
        return index < 0 ? null : _inputIds[index];
    }

    /// <summary>The name of an input as .NET has it, or null when it is none of this node's.</summary>
    public string? InputName(ReadOnlySpan<byte> id)
    {
        for (var i = 0; i < _inputIds.Length; i++) // a node has few
        {
            if (_inputIds[i].Is(id))
                return _inputs[i];
        }

        return null;
    }

    /// <summary>One output by its name.</summary>
    /// <exception cref="UnknownOutputException">The dataflow declares none of this name.</exception>
    public NodeOutput Output(ReadOnlySpan<byte> id)
    {
        for (var i = 0; i < _outputIds.Length; i++) // a node has few, and comparing lengths tells most of them apart
        {
            if (_outputIds[i].Is(id))
                return _outputs[i];
        }

        return Node.GetOutput(Encoding.UTF8.GetString(id)); // throws the text that says what there is
    }

    private static string ConfigJson(DoraNode node)
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream))
        {
            json.WriteStartObject();
            json.WriteString("id", node.Id);
            json.WriteString("dataflow_id", node.DataflowId);
            json.WriteString("working_directory", node.Config.WorkingDirectory);
            json.WriteNumber("restart_count", node.RestartCount);
            json.WriteNumber("pool_bytes_max", node.Config.PoolBytesMax);
            json.WriteStartArray("inputs");
            foreach (var input in node.Config.Inputs)
            {
                json.WriteStartObject();
                json.WriteString("id", input.Id);
                json.WriteString("source", input.Source);
                json.WriteNumber("queue_size", input.QueueSize);
                json.WriteString("queue_policy", input.QueuePolicy == QueuePolicy.BackPressure ? "backpressure" : "drop_oldest");
                if (input.Timeout is { } timeout)
                    json.WriteNumber("input_timeout", timeout.TotalSeconds);
                json.WriteEndObject();
            }

            json.WriteEndArray();
            json.WriteStartArray("outputs");
            foreach (var output in node.Config.Outputs)
                json.WriteStringValue(output);
            json.WriteEndArray();
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(stream.GetBuffer(), 0, (int)stream.Length);
    }
}
