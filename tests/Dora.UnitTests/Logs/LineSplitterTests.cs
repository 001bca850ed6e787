// SPDX-License-Identifier: Apache-2.0

using System.Text;
using Dora.Daemon.Logs;

namespace Dora.UnitTests.Logs;

public sealed class LineSplitterTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(7)]
    [InlineData(1000)]
    public void Lines_are_the_same_however_the_stream_is_chopped(int chunk)
    {
        var bytes = Encoding.UTF8.GetBytes("one\ntwo\r\n\n  three ü\nlast");
        var handler = new Handler();
        var splitter = new LineSplitter(handler);
        foreach (var part in bytes.Chunk(chunk))
            splitter.Feed(part);
        splitter.End();
        Assert.Equal(["one", "two", "", "  three ü", "last"], handler.Lines);
    }

    [Fact]
    public void A_long_line_is_cut_and_the_rest_is_counted()
    {
        var handler = new Handler();
        var splitter = new LineSplitter(handler);
        splitter.Feed(Encoding.UTF8.GetBytes(new string('x', LineSplitter.LineBytesMax)));
        splitter.Feed("yyyyy\nnext\n"u8);
        Assert.Equal(new string('x', LineSplitter.LineBytesMax) + " [… 5 bytes cut]", handler.Lines[0]);
        Assert.Equal("next", handler.Lines[1]);
    }

    [Fact]
    public void Fault_32_a_gigabyte_without_line_end_takes_constant_memory()
    {
        var handler = new Handler();
        var splitter = new LineSplitter(handler);
        var chunk = new byte[64 << 10];
        Array.Fill(chunk, (byte)'z');
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 16 << 10; i++)
            splitter.Feed(chunk);
        splitter.Feed("\n"u8);
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 2 << 20);
        Assert.EndsWith($" [… {(1L << 30) - LineSplitter.LineBytesMax} bytes cut]", handler.Lines.Single(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_cut_does_not_split_a_character()
    {
        var handler = new Handler();
        var splitter = new LineSplitter(handler);
        splitter.Feed(Encoding.UTF8.GetBytes("x" + new string('ü', LineSplitter.LineBytesMax)));
        splitter.End();
        Assert.DoesNotContain('\uFFFD', handler.Lines.Single());
    }

    [Fact]
    public void Unwanted_lines_are_skipped_whole()
    {
        var handler = new Handler { Wanted = n => n % 2 == 0 };
        var splitter = new LineSplitter(handler);
        splitter.Feed("a\nb"u8);
        splitter.Feed("b\nc\nd\n"u8);
        splitter.End();
        Assert.Equal(["a", "c"], handler.Lines);
    }

    private sealed class Handler : ILineHandler
    {
        private int _asked;
        public List<string> Lines { get; } = [];
        public Func<int, bool> Wanted { get; init; } = _ => true;

        public bool WantsLine() => Wanted(_asked++);

        public void OnLine(ReadOnlySpan<byte> line) => Lines.Add(Encoding.UTF8.GetString(line));
    }
}
