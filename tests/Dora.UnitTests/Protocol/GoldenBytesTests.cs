// SPDX-License-Identifier: Apache-2.0

using System.Runtime.CompilerServices;
using Google.Protobuf;

namespace Dora.UnitTests.Protocol;

/// <summary>The wire format is append-only: what a message looked like once, it looks like for ever.</summary>
/// <remarks>
/// After adding a message or a field, <c>DORA_UPDATE_GOLDEN=1 ./test unit -class "*GoldenBytes*"</c> rewrites the file; a line that changes
/// other than by bytes added at its end (or within a nested message) breaks old peers and calls for a new major version.
/// </remarks>
public sealed class GoldenBytesTests
{
    private static readonly string GoldenFile = Path.Combine(Path.GetDirectoryName(ThisFile())!, "Golden", "messages.txt");

    private const string Empty = "(empty)";

    [Fact]
    public void Every_message_has_the_bytes_that_it_always_had()
    {
        var actual = SampleMessages.All().Select(s => $"{s.Name} {ToHex(s.Message.ToByteArray())}").ToArray();
        if (Environment.GetEnvironmentVariable("DORA_UPDATE_GOLDEN") == "1")
        {
            File.WriteAllLines(GoldenFile, actual);
        }

        Assert.Equal(File.ReadAllLines(GoldenFile), actual);
    }

    [Fact]
    public void Golden_bytes_decode_to_the_messages_that_they_were_made_of()
    {
        var golden = File.ReadLines(GoldenFile).Select(line => line.Split(' ')).ToDictionary(p => p[0], p => FromHex(p[1]));
        Assert.All(SampleMessages.All(), s => Assert.Equal(s.Message, s.Message.Descriptor.Parser.ParseFrom(golden[s.Name])));
    }

    private static string ToHex(byte[] bytes) => bytes.Length == 0 ? Empty : Convert.ToHexStringLower(bytes);

    private static byte[] FromHex(string hex) => hex == Empty ? [] : Convert.FromHexString(hex);

    private static string ThisFile([CallerFilePath] string path = "") => path;
}
