// SPDX-License-Identifier: Apache-2.0
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;

/// <summary>A TensorFlow.js graph model: model.json (nodes, list of weights) and model.bin (the weights, one after the other).</summary>
internal sealed class TfjsModel
{
    private readonly Dictionary<string, JsonElement> _nodes = [];
    private readonly Dictionary<string, (float[] Values, int[] Shape)> _constants = [];

    public TfjsModel(byte[] json, byte[] weights)
    {
        using var document = JsonDocument.Parse(json);
        var root = document.RootElement.Clone();
        foreach (var node in root.GetProperty("modelTopology").GetProperty("node").EnumerateArray())
            _nodes.Add(node.GetProperty("name").GetString()!, node);
        var offset = 0;
        foreach (var weight in root.GetProperty("weightsManifest").EnumerateArray().SelectMany(group => group.GetProperty("weights").EnumerateArray()))
        {
            var shape = weight.GetProperty("shape").EnumerateArray().Select(dimension => dimension.GetInt32()).ToArray();
            var count = shape.Aggregate(1, (product, dimension) => product * dimension);
            var type = weight.TryGetProperty("quantization", out var quantization)
                ? quantization.GetProperty("dtype").GetString()
                : weight.GetProperty("dtype").GetString();
            var size = type == "float16" ? 2 : 4;
            var raw = weights.AsSpan(offset, count * size);
            var values = new float[count];
            for (var i = 0; i < count; i++)
            {
                values[i] = type switch
                {
                    "float16" => (float)MemoryMarshal.Read<Half>(raw[(i * size)..]),
                    "float32" => MemoryMarshal.Read<float>(raw[(i * size)..]),
                    "int32" => MemoryMarshal.Read<int>(raw[(i * size)..]), // shapes, paddings: small, exact as float
                    _ => throw new InvalidDataException($"weights of type {type}"),
                };
            }
            offset += raw.Length;
            _constants.Add(weight.GetProperty("name").GetString()!, (values, shape));
        }
        if (offset != weights.Length)
            throw new InvalidDataException($"{weights.Length} bytes of weights, {offset} described");
    }

    /// <summary>The node that computes a value; "name:1" is the second output of node "name".</summary>
    public Node this[string value] => new(_nodes[value.Split(':')[0]]);

    public bool IsConstant(string value) => _constants.ContainsKey(value);

    public (float[] Values, int[] Shape) Constant(string value) => _constants[value];

    public long[] Integers(string value) => Array.ConvertAll(_constants[value].Values, number => (long)number);

    /// <summary>One operation of the graph with typed access to what it was given.</summary>
    public readonly struct Node(JsonElement json)
    {
        public string Name => json.GetProperty("name").GetString()!;

        public string Operation => json.GetProperty("op").GetString()!;

        public string[] Inputs => [.. json.GetProperty("input").EnumerateArray().Select(input => input.GetString()!)];

        public float Number(string attribute) => Attribute(attribute).GetProperty("f").GetSingle();

        public string Text(string attribute) => Encoding.ASCII.GetString(Attribute(attribute).GetProperty("s").GetBytesFromBase64());

        /// <summary>Height and width of an attribute that lists batch, height, width, channel.</summary>
        public long[] HeightWidth(string attribute)
        {
            var all = Attribute(attribute).GetProperty("list").GetProperty("i");
            return [long.Parse(all[1].GetString()!), long.Parse(all[2].GetString()!)];
        }

        private JsonElement Attribute(string name) => json.GetProperty("attr").GetProperty(name);
    }
}
