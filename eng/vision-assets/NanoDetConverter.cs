// SPDX-License-Identifier: Apache-2.0

/// <summary>Translates NanoDet from a TensorFlow.js graph model to ONNX.</summary>
/// <remarks>
/// The TensorFlow.js file was itself made from an ONNX file and is full of traces of that: each convolution is wrapped in a transpose to
/// NHWC and one back. A value here carries its layout, so that those pairs vanish; paddings and biases go into their convolution. What is
/// left is the network as it was: convolution, leaky ReLU, pooling, resize, concatenation, and two heads, joined over the three strides.
/// </remarks>
internal sealed class NanoDetConverter(TfjsModel model)
{
    private const int InputSize = 416, Classes = 80, Bins = 11; // distances 0..10 cells, as a distribution

    private readonly OnnxGraph _graph = new();
    private readonly Dictionary<string, Value> _done = [];

    /// <summary>An ONNX value, which is always NCHW; <paramref name="IsNhwc"/>: TensorFlow thinks of it as NHWC at this point.</summary>
    private readonly record struct Value(string Name, bool IsNhwc = false, long[]? Padding = null);

    public byte[] Convert(string documentation)
    {
        _graph.Input("image", 1, 3, InputSize, InputSize);
        var points = new[] { 8, 16, 32 }.Sum(stride => InputSize / stride * (InputSize / stride));
        _graph.Node("Concat", "scores", new[] { "Identity", "Identity_1", "Identity_2" }.Select(Plain), ("axis", 1L));
        _graph.Node("Concat", "distances", new[] { "Identity_3", "Identity_4", "Identity_5" }.Select(Plain), ("axis", 1L));
        _graph.Output("scores", 1, points, Classes);
        _graph.Output("distances", 1, points, 4 * Bins);
        return _graph.Save("nanodet-g-416", documentation);
    }

    private Value Visit(string name)
    {
        if (!_done.TryGetValue(name, out var value))
        {
            value = Translate(name);
            _done[name] = value;
        }
        return value;
    }

    private Value Translate(string name)
    {
        var node = model[name];
        var inputs = node.Operation == "Placeholder" ? [] : node.Inputs;
        switch (node.Operation)
        {
            case "Placeholder":
                return new Value("image");
            case "Identity":
                return Visit(inputs[0]);
            case "Transpose":
                return Transpose(node, Visit(inputs[0]), model.Integers(inputs[1]));
            case "Pad" or "PadV2": // around the two last axes: before and after
                var pad = model.Integers(inputs[1]);
                return new Value(Plain(inputs[0]), Padding: [pad[4], pad[6], pad[5], pad[7]]);
            case "Add" or "AddV2" when model.IsConstant(inputs[0]):
                return ConvolutionWithBias(model[inputs[1]], inputs[0]);
            case "Add" or "AddV2" when model.IsConstant(inputs[1]):
                return ConvolutionWithBias(model[inputs[0]], inputs[1]);
            case "Add" or "AddV2":
                var (left, right) = (Visit(inputs[0]), Visit(inputs[1]));
                if (left.IsNhwc != right.IsNhwc)
                    throw new InvalidDataException($"{name} adds different layouts");
                return left with { Name = _graph.Node("Add", Short(name), [left.Name, right.Name]) };
            case "LeakyRelu":
                var linear = Visit(inputs[0]);
                return linear with { Name = _graph.Node("LeakyRelu", Short(name), [linear.Name], ("alpha", node.Number("alpha"))) };
            case "Sigmoid":
                return new Value(_graph.Node("Sigmoid", Short(name), [Plain(inputs[0])]));
            case "MaxPool": // its padding is the smallest float, which is what ONNX pads a pool with
                var pooled = Visit(inputs[0]);
                return new Value(_graph.Node("MaxPool", Short(name), [pooled.Name], ("kernel_shape", node.HeightWidth("ksize")),
                    ("strides", node.HeightWidth("strides")), ("pads", pooled.Padding ?? [0, 0, 0, 0])), IsNhwc: true);
            case "ResizeBilinear":
                return Resize(name, inputs);
            case "ConcatV2":
                return new Value(_graph.Node("Concat", Short(name), inputs[..^1].Select(Plain), ("axis", model.Integers(inputs[^1])[0])));
            case "SplitV":
                string[] halves = [Short(name) + ".0", Short(name) + ".1"];
                var sizes = _graph.Weights(Short(name) + ".sizes", model.Integers(inputs[1]));
                _graph.Node("Split", Short(name), [Plain(inputs[0]), sizes], halves, ("axis", model.Integers(inputs[2])[0]));
                _done[node.Name] = new Value(halves[0]);
                _done[node.Name + ":1"] = new Value(halves[1]);
                return _done[name];
            case "Reshape": // only before the outputs: [1, channels, rows, columns] to [1, channels, points]
                var flat = _graph.Weights(Short(name) + ".shape", [0, 0, -1]);
                return new Value(_graph.Node("Reshape", Short(name), [Plain(inputs[0]), flat]));
            default:
                throw new InvalidDataException($"{name}: no translation for {node.Operation}");
        }
    }

    private Value Transpose(TfjsModel.Node node, Value input, long[] order) => (order, input.IsNhwc) switch
    {
        ([0, 2, 3, 1], false) => input with { IsNhwc = true },
        ([0, 3, 1, 2], true) => input with { IsNhwc = false },
        (_, false) => new Value(_graph.Node("Transpose", Short(node.Name), [input.Name], ("perm", order))),
        _ => throw new InvalidDataException($"{node.Name}: unexpected transpose"),
    };

    private Value ConvolutionWithBias(TfjsModel.Node node, string bias)
    {
        if (node.Operation != "Conv2D" || node.Text("padding") != "VALID")
            throw new InvalidDataException($"{node.Name}: only a convolution has a bias here, and its padding is explicit");
        var input = Visit(node.Inputs[0]);
        var (kernel, shape) = model.Constant(node.Inputs[1]);
        var (height, width, from, to) = (shape[0], shape[1], shape[2], shape[3]);
        var weights = new float[kernel.Length]; // [height, width, from, to] to [to, from, height, width]
        for (var i = 0; i < kernel.Length; i++)
        {
            var (h, w, f, t) = (i / (width * from * to), i / (from * to) % width, i / to % from, i % to);
            weights[(((((t * from) + f) * height) + h) * width) + w] = kernel[i];
        }
        var name = Short(node.Name);
        var biases = model.Constant(bias).Values;
        return new Value(_graph.Node("Conv", name,
            [input.Name, _graph.QuantizedWeights(name + ".weight", weights, [to, from, height, width]), _graph.Weights(name + ".bias", biases, to)],
            ("kernel_shape", new long[] { height, width }), ("strides", node.HeightWidth("strides")), ("pads", input.Padding ?? [0, 0, 0, 0])),
            IsNhwc: true);
    }

    private Value Resize(string name, string[] inputs)
    {
        // The feature pyramid goes up from 13 to 26 to 52 cells, then down again. The size is a sum in the graph, so tell by the order.
        var factor = Short(name).Contains("resize_2", StringComparison.Ordinal) || Short(name).Contains("resize_3", StringComparison.Ordinal) ? 0.5f : 2f;
        var scales = _graph.Weights(Short(name) + ".scales", [1, 1, factor, factor], 4);
        return new Value(_graph.Node("Resize", Short(name), [Visit(inputs[0]).Name, "", scales], ("mode", "linear")), IsNhwc: true);
    }

    private string Plain(string name)
    {
        var value = Visit(name);
        return value is { IsNhwc: false, Padding: null } ? value.Name : throw new InvalidDataException($"{name} has an unexpected layout");
    }

    private static string Short(string name) => name.Replace("PartitionedCall/", "").Replace("onnx_tf_prefix_", "");
}
