// SPDX-License-Identifier: Apache-2.0

using Dora.Protocol;
using Dora.Protocol.Messages;
using Google.Protobuf;

namespace Dora.UnitTests.Protocol;

/// <summary>Any bytes give a message or a <see cref="ProtocolException"/>, and memory in proportion to their number.</summary>
/// <remarks>
/// 200,000 frames a decoder; ten million with <c>./test --long</c> (fault 17 asks for that). A failure prints the seed and the frame;
/// <c>DORA_FUZZ_SEED</c> starts from another seed.
/// </remarks>
public sealed class DecoderFuzzTests
{
    private static readonly bool Long = Environment.GetEnvironmentVariable("DORA_TEST_LONG") == "1";
    private static readonly int Frames = Long ? 10_000_000 : 200_000;
    private static readonly int Seed = int.TryParse(Environment.GetEnvironmentVariable("DORA_FUZZ_SEED"), out var seed) ? seed : 20261124;

    [Fact]
    public void Daemon_survives_any_frame_of_a_node() => Fuzz<NodeToDaemon>(frame => MessageDecoder.DecodeNodeToDaemon(frame));

    [Fact]
    public void Node_survives_any_frame_of_a_daemon() => Fuzz<DaemonToNode>(frame => MessageDecoder.DecodeDaemonToNode(frame));

    [Fact]
    public void Launcher_survives_any_frame_of_a_daemon() => Fuzz<DaemonToLauncher>(frame => MessageDecoder.DecodeDaemonToLauncher(frame));

    [Fact]
    public void Daemon_survives_any_frame_of_a_launcher() => Fuzz<LauncherToDaemon>(frame => MessageDecoder.DecodeLauncherToDaemon(frame));

    [Fact]
    public void Any_bytes_as_an_Arrow_schema_do_no_harm() => Fuzz<ArrowField>(frame => MessageDecoder.DecodeArrowField(frame));

    [Fact]
    public void Any_bytes_as_metadata_do_no_harm_and_are_never_more_than_protobuf_accepts()
    {
        var mutator = new FrameMutator(MetadataCorpus(), Seed);
        var accepted = 0;
        for (var i = 0; i < Frames; i++)
        {
            var frame = mutator.Next();
            try
            {
                if (Walk(frame))
                {
                    accepted++;
                    MessageMetadata.Parser.ParseFrom(frame); // ours is the stricter of the two
                }
            }
            catch (Exception e)
            {
                Assert.Fail($"Frame {i} of seed {Seed}, {Convert.ToHexString(frame)}: {e}");
            }
        }

        Assert.InRange(accepted, Frames / 100, Frames * 99 / 100); // mutations neither too wild nor too tame
    }

    private delegate void Decoder(ReadOnlySpan<byte> frame);

    private static void Fuzz<T>(Decoder decode)
        where T : IMessage<T>
    {
        var mutator = new FrameMutator(CorpusOf<T>(), Seed);
        var accepted = 0;
        for (var i = 0; i < Frames; i++)
        {
            var frame = mutator.Next();
            var before = GC.GetAllocatedBytesForCurrentThread();
            try
            {
                decode(frame);
                accepted++;
                var allocated = GC.GetAllocatedBytesForCurrentThread() - before;
                Assert.True(allocated <= 4096 + (64L * frame.Length), $"{allocated} bytes allocated for {frame.Length}");
            }
            catch (ProtocolException)
            {
                // as promised
            }
            catch (Exception e)
            {
                Assert.Fail($"Frame {i} of seed {Seed}, {Convert.ToHexString(frame)}: {e}");
            }
        }

        Assert.InRange(accepted, Frames / 100, Frames * 99 / 100);
    }

    private static byte[][] CorpusOf<T>()
        where T : IMessage => SampleMessages.Of<T>().Select(m => m.ToByteArray()).ToArray();

    private static byte[][] MetadataCorpus()
    {
        var parameters = new MetadataParameters
        {
            ["bool"] = true,
            ["integer"] = -5,
            ["float"] = 2.5,
            ["string"] = "text",
            ["integers"] = new long[] { 1, -1 },
            ["floats"] = new[] { 0.5, 1.5 },
            ["strings"] = new[] { "a", "" },
            ["time"] = ParameterValue.FromTimestampNs(1_700_000_000_000_000_000),
        }.ToEncoded();
        var arrow = new MetadataWriter(new byte[256]);
        Assert.True(arrow.TryAdd("k", 1L) && arrow.TryAddArrow([1, 2, 3], [new(5, 0, 0, 2), new(9, -1, 1, 1)], [new(0, 8), new(64, 40), new(128, 72)]));
        return [parameters, arrow.Written.ToArray(), []];
    }

    // Touches every value of every parameter, as an API user may.
    private static bool Walk(ReadOnlySpan<byte> frame)
    {
        var reader = new MetadataReader(frame);
        Span<long> integers = stackalloc long[256];
        Span<double> floats = stackalloc double[256];
        while (reader.TryRead(out var parameter))
        {
            switch (parameter.Kind)
            {
                case ParameterKind.Integers when parameter.Count <= integers.Length: parameter.CopyIntegers(integers); break;
                case ParameterKind.Floats when parameter.Count <= floats.Length: parameter.CopyFloats(floats); break;
                case ParameterKind.Strings:
                    var seen = 0;
                    for (var strings = parameter.Strings; strings.TryRead(out _); seen++)
                    {
                    }

                    Assert.Equal(parameter.Count, seen);
                    break;
            }
        }

        if (reader.TryGetArrow(out var layout) && layout is { NodeCount: <= 256, BufferCount: <= 256 })
        {
            layout.CopyTo(stackalloc ArrowNodeLayout[256], stackalloc ArrowBufferLayout[256]);
        }

        var valid = !reader.IsMalformed;
        Assert.Equal(valid, MetadataReader.IsValid(frame));
        return valid;
    }
}
