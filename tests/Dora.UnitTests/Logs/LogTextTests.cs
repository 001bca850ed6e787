// SPDX-License-Identifier: Apache-2.0

using System.Buffers;
using System.Text;
using Dora.Daemon.Logs;
using Dora.Protocol;

namespace Dora.UnitTests.Logs;

public sealed class LogTextTests
{
    [Theory]
    [InlineData("plain wörds 漢字 🤖", "plain wörds 漢字 🤖")]
    [InlineData("\x1b[31mred\x1b[0m and \x1b[1;38;5;9mbold\x1b[m", "red and bold")]
    [InlineData("\x1b]0;title\x07", "\\x1b]0;title\\x07")]
    [InlineData("\x1b[2J\x1b[H", "\\x1b[2J\\x1b[H")]
    [InlineData("a\tb\rc\0", "a    b\\x0dc\\x00")]
    [InlineData("\u202egnp.exe", "\\u202egnp.exe")]
    [InlineData("one\u2028two\u0085three", "one\\u2028two\\x85three")]
    [InlineData("\x1b", "\\x1b")]
    [InlineData("\x1b[", "\\x1b[")]
    public void Nothing_that_moves_a_terminal_passes(string text, string expected) => Assert.Equal(expected, LogText.Escape(text));

    [Fact]
    public void Random_bytes_become_text_without_control_characters()
    {
        var random = new Random(32);
        for (var i = 0; i < 2_000; i++)
        {
            var bytes = new byte[random.Next(0, 200)];
            random.NextBytes(bytes);
            var text = LogText.Escape(LogText.Decode(bytes));
            Assert.DoesNotContain(text, char.IsControl);
        }
    }

    [Fact]
    public void Bytes_that_are_no_text_are_shown_by_number() =>
        Assert.Equal("a\\xff\\xfeb\\xc3", LogText.Decode([(byte)'a', 0xFF, 0xFE, (byte)'b', 0xC3]));

    [Fact]
    public void Json_log_lines_are_understood_in_the_ways_of_several_languages()
    {
        var entry = Parse("""{"timestamp":"2026-08-20T10:00:00.5Z","level":"WARN","message":"hot","target":"motor","fields":{"celsius":81.5,"name":"left"}}""");
        Assert.Equal(("warn", "hot", "motor", 1787220000_500000000UL), (entry!.Level, entry.Message, entry.Target, entry.TimestampNs));
        Assert.Equal([new("celsius", "81.5"), new("name", "left")], entry.Fields);

        entry = Parse("""{"time":"nonsense","level":"fatal","fields":{"message":"from tracing","a":[1,2]},"extra":null}""");
        Assert.Equal(("error", "from tracing", (string?)null, 7UL), (entry!.Level, entry.Message, entry.Target, entry.TimestampNs));
        Assert.Equal([new("a", "[1,2]"), new("extra", "null")], entry.Fields);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("{\"level\":\"info\"}")]
    [InlineData("{\"message\":\"x\"}")]
    [InlineData("{\"level\":\"loud\",\"message\":\"x\"}")]
    [InlineData("{\"level\":3,\"message\":\"x\"}")]
    [InlineData("{\"level\":\"info\",\"message\":\"\\ud800\"}")]
    [InlineData("{level: info}")]
    [InlineData("[1]")]
    [InlineData("{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":1}}}}}}}}}}}}}}}},\"level\":\"info\",\"message\":\"x\"}")]
    public void Anything_else_is_a_plain_line(string line) => Assert.Null(Parse(line));

    [Fact]
    public void Written_json_is_one_line_that_reads_back()
    {
        var entry = new LogEntry(new NodeId("cam"), "info", "line\nbreak \"quoted\" \x1b[0m ü", "t", 1_787_220_000_123_456_789, [new("k", "v\n")]);
        var output = new ArrayBufferWriter<byte>();
        LogJson.Write(output, entry);
        var line = Encoding.UTF8.GetString(output.WrittenSpan);
        Assert.EndsWith("\n", line, StringComparison.Ordinal);
        Assert.DoesNotContain(line[..^1], char.IsControl);
        Assert.StartsWith("""{"timestamp":"2026-08-20T10:00:00.123456789Z","level":"info","node":"cam","message":"line\nbreak""", line, StringComparison.Ordinal);

        var again = JsonLogLine.TryParse(entry.Node, output.WrittenSpan[..^1], 0);
        Assert.Equal((entry.Message, entry.Target), (again!.Message, again.Target));
    }

    [Fact]
    public void A_record_of_several_lines_is_shown_as_several()
    {
        var record = new LogEntry(new NodeId("n"), "error", "one\r\ntwo\u001b[2J\n", "t", 7, []);
        Assert.Equal([("one", "t"), ("two\\x1b[2J", "t")], record.ToLines().Select(line => (line.Message, line.Target)));
        var many = record with { Message = string.Join('\n', Enumerable.Range(0, 60)) };
        Assert.Equal(50, many.ToLines().Count());
        Assert.StartsWith("49\\x0a50\\x0a", many.ToLines().Last().Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("error", "warn", true)]
    [InlineData("stderr", "warn", true)]
    [InlineData("stdout", "warn", false)]
    [InlineData("info", "WARNING", false)]
    [InlineData("trace", null, true)]
    [InlineData("debug", "trace", true)]
    public void Levels_have_an_order(string level, string? minimum, bool passes) => Assert.Equal(passes, LogLevels.Passes(level, minimum));

    [Fact]
    public void Secrets_of_the_environment_are_masked()
    {
        var mask = new SecretMask(
        [
            new("API_TOKEN", "abcd1234"), new("my_password", "hunter22"), new("SSH_KEY", "-----BEGIN-----\nline-of-key\n-----END-----"),
            new("LONG_SECRET", "abcd1234efgh"), new("SHORT_KEY", "on"), new("HOME", "/root"),
        ]);
        Assert.Equal("x *** y *** z *** on /root", mask.Apply("x abcd1234 y hunter22 z line-of-key on /root"));
        Assert.Equal("***", mask.Apply("abcd1234efgh")); // not "***efgh"
        var entry = mask.Apply(new LogEntry(new NodeId("n"), "info", "hunter22", "hunter22", 0, [new("f", "=hunter22=")]));
        Assert.Equal(("***", "***", "=***="), (entry.Message, entry.Target, entry.Fields[0].Value));
    }

    private static LogEntry? Parse(string line) => JsonLogLine.TryParse(new NodeId("n"), Encoding.UTF8.GetBytes(line), 7);
}
