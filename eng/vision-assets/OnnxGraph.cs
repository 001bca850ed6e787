// SPDX-License-Identifier: Apache-2.0
using System.Buffers;
using System.Buffers.Binary;
using System.Text;

/// <summary>Builds an ONNX file (opset 13): nodes, weights, inputs and outputs, written as the protobuf messages of onnx.proto.</summary>
/// <remarks>The numbers are field numbers of onnx.proto; only what a convolutional detector needs is here.</remarks>
internal sealed class OnnxGraph
{
    private const int Float = 1, Int8 = 3, Int64 = 7;

    private readonly ProtoWriter _nodes = new(), _weights = new(), _inputs = new(), _outputs = new();
    private readonly HashSet<string> _names = [];

    /// <summary>Adds a node with one output that has the node's name; gives back that name.</summary>
    public string Node(string op, string name, IEnumerable<string> inputs, params (string Name, object Value)[] attributes) =>
        Node(op, name, inputs, [name], attributes);

    /// <summary>Adds a node with outputs of their own names; gives back the first.</summary>
    public string Node(string op, string name, IEnumerable<string> inputs, string[] outputs, params (string Name, object Value)[] attributes)
    {
        var node = new ProtoWriter();
        foreach (var input in inputs)
            node.Text(1, input);
        foreach (var output in outputs)
            node.Text(2, output);
        node.Text(3, name);
        node.Text(4, op);
        foreach (var (key, value) in attributes)
            node.Message(5, Attribute(key, value));
        _nodes.Message(1, node);
        return outputs[0];
    }

    public string Weights(string name, float[] values, params int[] shape)
    {
        var raw = new byte[values.Length * sizeof(float)];
        for (var i = 0; i < values.Length; i++)
            BinaryPrimitives.WriteSingleLittleEndian(raw.AsSpan(i * sizeof(float)), values[i]);
        return Tensor(name, Float, raw, shape);
    }

    public string Weights(string name, long[] values)
    {
        var raw = new byte[values.Length * sizeof(long)];
        for (var i = 0; i < values.Length; i++)
            BinaryPrimitives.WriteInt64LittleEndian(raw.AsSpan(i * sizeof(long)), values[i]);
        return Tensor(name, Int64, raw, [values.Length]);
    }

    /// <summary>
    /// A weight tensor [output channel, …] as 8-bit integers with one scale for each output channel: a quarter of the size. The runtime
    /// multiplies them out once when it loads the file, so inference costs the same.
    /// </summary>
    public string QuantizedWeights(string name, float[] values, int[] shape)
    {
        var perChannel = values.Length / shape[0];
        var scales = new float[shape[0]];
        var raw = new byte[values.Length];
        for (var channel = 0; channel < shape[0]; channel++)
        {
            var from = values.AsSpan(channel * perChannel, perChannel);
            var max = 0f;
            foreach (var value in from)
                max = Math.Max(max, Math.Abs(value));
            scales[channel] = max == 0 ? 1 : max / 127;
            for (var i = 0; i < from.Length; i++)
                raw[(channel * perChannel) + i] = unchecked((byte)(sbyte)MathF.Round(from[i] / scales[channel]));
        }
        var integers = Tensor(name + ".q", Int8, raw, shape);
        var floats = Node("Cast", name + ".f", [integers], ("to", (long)Float));
        return Node("Mul", name, [floats, Weights(name + ".scale", scales, shape[0], 1, 1, 1)]);
    }

    public void Input(string name, params int[] shape) => _inputs.Message(11, ValueInfo(name, shape));

    public void Output(string name, params int[] shape) => _outputs.Message(12, ValueInfo(name, shape));

    public byte[] Save(string name, string documentation)
    {
        var graph = new ProtoWriter();
        graph.Append(_nodes);
        graph.Text(2, name);
        graph.Append(_weights);
        graph.Append(_inputs);
        graph.Append(_outputs);
        var opset = new ProtoWriter();
        opset.Text(1, "");
        opset.Number(2, 13);
        var model = new ProtoWriter();
        model.Number(1, 7); // IR version that came with opset 13
        model.Text(2, "dora eng/vision-assets.cs");
        model.Text(6, documentation);
        model.Message(7, graph);
        model.Message(8, opset);
        return model.ToArray();
    }

    private string Tensor(string name, int type, byte[] raw, int[] shape)
    {
        if (!_names.Add(name))
            throw new InvalidDataException($"two tensors are named {name}");
        var tensor = new ProtoWriter();
        foreach (var dimension in shape)
            tensor.Number(1, dimension);
        tensor.Number(2, type);
        tensor.Text(8, name);
        tensor.Bytes(9, raw);
        _weights.Message(5, tensor);
        return name;
    }

    private static ProtoWriter Attribute(string name, object value)
    {
        var attribute = new ProtoWriter();
        attribute.Text(1, name);
        switch (value)
        {
            case float number:
                attribute.Float(2, number);
                attribute.Number(20, 1);
                break;
            case long number:
                attribute.Number(3, number);
                attribute.Number(20, 2);
                break;
            case string text:
                attribute.Text(4, text);
                attribute.Number(20, 3);
                break;
            case long[] numbers:
                foreach (var number in numbers)
                    attribute.Number(8, number);
                attribute.Number(20, 7);
                break;
            default:
                throw new ArgumentException($"no attribute type for {value.GetType()}", nameof(value));
        }
        return attribute;
    }

    private static ProtoWriter ValueInfo(string name, int[] shape)
    {
        var dimensions = new ProtoWriter();
        foreach (var size in shape)
        {
            var dimension = new ProtoWriter();
            dimension.Number(1, size);
            dimensions.Message(1, dimension);
        }
        var tensor = new ProtoWriter();
        tensor.Number(1, Float);
        tensor.Message(2, dimensions);
        var type = new ProtoWriter();
        type.Message(1, tensor);
        var info = new ProtoWriter();
        info.Text(1, name);
        info.Message(2, type);
        return info;
    }

    /// <summary>The protobuf wire format, as far as it is needed here.</summary>
    private sealed class ProtoWriter
    {
        private readonly ArrayBufferWriter<byte> _bytes = new();

        public void Number(int field, long value)
        {
            Varint((uint)field << 3);
            Varint((ulong)value);
        }

        public void Float(int field, float value)
        {
            Varint(((uint)field << 3) | 5);
            Span<byte> raw = stackalloc byte[sizeof(float)];
            BinaryPrimitives.WriteSingleLittleEndian(raw, value);
            _bytes.Write(raw);
        }

        public void Text(int field, string value) => Bytes(field, Encoding.UTF8.GetBytes(value));

        public void Message(int field, ProtoWriter value) => Bytes(field, value.ToArray());

        public void Bytes(int field, ReadOnlySpan<byte> value)
        {
            Varint(((uint)field << 3) | 2);
            Varint((ulong)value.Length);
            _bytes.Write(value);
        }

        public void Append(ProtoWriter other) => _bytes.Write(other._bytes.WrittenSpan);

        public byte[] ToArray() => _bytes.WrittenSpan.ToArray();

        private void Varint(ulong value)
        {
            for (; value >= 0x80; value >>= 7)
                _bytes.Write([(byte)(value | 0x80)]);
            _bytes.Write([(byte)value]);
        }
    }
}
