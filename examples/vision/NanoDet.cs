// SPDX-License-Identifier: Apache-2.0
using Microsoft.ML.OnnxRuntime;

/// <summary>The NanoDet object detector: one pass of a small convolutional network, run by ONNX Runtime on the CPU.</summary>
/// <remarks>
/// The network sees the picture as 416 x 416 and looks at a grid of points at each of three strides. For each point it says how much
/// it looks like each of 80 classes, and how far away the four sides of the object are. Not thread-safe.
/// </remarks>
internal sealed class NanoDet : IDisposable
{
    private const int Size = 416;
    private const int Bins = 11; // a distance is a distribution over 0 to 10 strides
    private const float MaxOverlap = 0.5f;
    private static readonly int[] Strides = [8, 16, 32];
    private static readonly float[] Mean = [103.53f, 116.28f, 123.675f], Deviation = [57.375f, 57.12f, 58.395f]; // blue, green, red

    private readonly InferenceSession _session;
    private readonly RunOptions _runOptions = new();
    private readonly string[] _labels;
    private readonly float[] _input = new float[3 * Size * Size]; // planar: all blue, all green, all red
    private readonly OrtValue _inputTensor;

    public NanoDet(string modelPath, string labelsPath, int threads)
    {
        using var options = new SessionOptions { IntraOpNumThreads = threads };
        options.AddSessionConfigEntry("session.intra_op.allow_spinning", "0"); // leave the cores to the other nodes between frames
        _session = new InferenceSession(modelPath, options);
        _labels = File.ReadAllLines(labelsPath);
        _inputTensor = OrtValue.CreateTensorValueFromMemory(_input, [1, 3, Size, Size]);
    }

    /// <summary>What the detector can tell apart.</summary>
    public IReadOnlyList<string> Labels => _labels;

    /// <summary>Finds objects with a score of at least <paramref name="minScore"/>, the surest first.</summary>
    /// <param name="bgr">Rows of pixels, three bytes each, without padding.</param>
    /// <param name="isWanted">Says for a label whether to look for it.</param>
    public List<Detection> Detect(ReadOnlySpan<byte> bgr, int width, int height, float minScore, Func<string, bool> isWanted)
    {
        Resize(bgr, width, height, _input);
        using var outputs = _session.Run(_runOptions, ["image"], [_inputTensor], ["scores", "distances"]);
        var candidates = Decode(outputs[0].GetTensorDataAsSpan<float>(), outputs[1].GetTensorDataAsSpan<float>(), minScore, isWanted,
            width / (float)Size, height / (float)Size);
        return KeepOneForEachObject(candidates);
    }

    public void Dispose()
    {
        _inputTensor.Dispose();
        _runOptions.Dispose();
        _session.Dispose();
    }

    /// <summary>Bilinear resize to the network's size, and its normalisation of colours.</summary>
    private static void Resize(ReadOnlySpan<byte> bgr, int width, int height, Span<float> planes)
    {
        float scaleX = width / (float)Size, scaleY = height / (float)Size;
        for (var y = 0; y < Size; y++)
        {
            var (top, bottom, down) = Neighbours(y, scaleY, height);
            for (var x = 0; x < Size; x++)
            {
                var (left, right, along) = Neighbours(x, scaleX, width);
                for (var channel = 0; channel < 3; channel++)
                {
                    var above = Mix(bgr[(((top * width) + left) * 3) + channel], bgr[(((top * width) + right) * 3) + channel], along);
                    var below = Mix(bgr[(((bottom * width) + left) * 3) + channel], bgr[(((bottom * width) + right) * 3) + channel], along);
                    planes[(((channel * Size) + y) * Size) + x] = (Mix(above, below, down) - Mean[channel]) / Deviation[channel];
                }
            }
        }

        static (int First, int Second, float Weight) Neighbours(int index, float scale, int length)
        {
            var position = Math.Clamp(((index + 0.5f) * scale) - 0.5f, 0, length - 1);
            var first = (int)position;
            return (first, Math.Min(first + 1, length - 1), position - first);
        }

        static float Mix(float first, float second, float weight) => first + ((second - first) * weight);
    }

    private List<Detection> Decode(ReadOnlySpan<float> scores, ReadOnlySpan<float> distances, float minScore, Func<string, bool> isWanted,
        float scaleX, float scaleY)
    {
        var found = new List<Detection>();
        var wanted = Array.ConvertAll(_labels, label => isWanted(label));
        var point = 0;
        foreach (var stride in Strides)
        {
            for (var row = 0; row < Size / stride; row++)
            {
                for (var column = 0; column < Size / stride; column++, point++)
                {
                    var pointScores = scores.Slice(point * _labels.Length, _labels.Length);
                    var best = Best(pointScores, wanted);
                    if (best < 0 || pointScores[best] < minScore)
                        continue;
                    var sides = distances.Slice(point * 4 * Bins, 4 * Bins);
                    float x = (column + 0.5f) * stride, y = (row + 0.5f) * stride;
                    found.Add(new Detection(
                        _labels[best],
                        pointScores[best],
                        Math.Max(x - (Expected(sides[..Bins]) * stride), 0) * scaleX,
                        Math.Max(y - (Expected(sides[Bins..(2 * Bins)]) * stride), 0) * scaleY,
                        Math.Min(x + (Expected(sides[(2 * Bins)..(3 * Bins)]) * stride), Size) * scaleX,
                        Math.Min(y + (Expected(sides[(3 * Bins)..]) * stride), Size) * scaleY));
                }
            }
        }
        return found;
    }

    private static int Best(ReadOnlySpan<float> scores, bool[] wanted)
    {
        var best = -1;
        for (var i = 0; i < scores.Length; i++)
        {
            if (wanted[i] && (best < 0 || scores[i] > scores[best]))
                best = i;
        }
        return best;
    }

    /// <summary>The mean of the distribution that the network's logits describe, in strides.</summary>
    private static float Expected(ReadOnlySpan<float> logits)
    {
        float sum = 0, weighted = 0;
        for (var i = 0; i < logits.Length; i++)
        {
            var weight = MathF.Exp(logits[i]);
            sum += weight;
            weighted += i * weight;
        }
        return weighted / sum;
    }

    /// <summary>Several points see the same object: the surest stays, and takes away what lies mostly on it.</summary>
    private static List<Detection> KeepOneForEachObject(List<Detection> candidates)
    {
        candidates.Sort((a, b) => b.Score.CompareTo(a.Score));
        var kept = new List<Detection>();
        foreach (var candidate in candidates)
        {
            if (kept.TrueForAll(better => Overlap(better, candidate) <= MaxOverlap))
                kept.Add(candidate);
        }
        return kept;
    }

    /// <summary>Area of the intersection over area of the union.</summary>
    private static float Overlap(Detection a, Detection b)
    {
        var width = Math.Min(a.Right, b.Right) - Math.Max(a.Left, b.Left);
        var height = Math.Min(a.Bottom, b.Bottom) - Math.Max(a.Top, b.Top);
        if (width <= 0 || height <= 0)
            return 0;
        var both = width * height;
        return both / (((a.Right - a.Left) * (a.Bottom - a.Top)) + ((b.Right - b.Left) * (b.Bottom - b.Top)) - both);
    }
}
