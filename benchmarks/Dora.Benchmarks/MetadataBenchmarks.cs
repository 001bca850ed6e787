// SPDX-License-Identifier: Apache-2.0

using BenchmarkDotNet.Attributes;
using Dora.Protocol;

namespace Dora.Benchmarks;

/// <summary>Metadata as it travels beside a payload: an integer, a number and a short text.</summary>
[MemoryDiagnoser]
public class MetadataBenchmarks
{
    private readonly byte[] _buffer = new byte[256];
    private readonly MetadataParameters _parameters = new() { ["frame"] = 12345L, ["exposure"] = 0.004, ["camera"] = "front-left" };
    private int _length;

    [GlobalSetup]
    public void SetUp() => _length = Write();

    [Benchmark]
    public int Write()
    {
        var writer = new MetadataWriter(_buffer);
        writer.TryAdd("frame", 12345L);
        writer.TryAdd("exposure", 0.004);
        writer.TryAdd("camera", "front-left");
        return writer.Length;
    }

    [Benchmark]
    public int WriteParameters()
    {
        var writer = new MetadataWriter(_buffer);
        _parameters.TryWriteTo(ref writer);
        return writer.Length;
    }

    [Benchmark]
    public int Read()
    {
        var count = 0;
        for (var reader = new MetadataReader(_buffer.AsSpan(0, _length)); reader.TryRead(out _);)
            count++;
        return count;
    }

    /// <summary>What <c>Metadata.Parameters</c> does at its first use in an event; the only one of these that allocates.</summary>
    [Benchmark]
    public int ReadParameters() => MetadataParameters.Decode(_buffer.AsSpan(0, _length)).Count;
}
