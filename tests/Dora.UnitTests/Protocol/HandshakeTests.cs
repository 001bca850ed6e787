// SPDX-License-Identifier: Apache-2.0

using Dora.Protocol;
using Dora.Protocol.Messages;

namespace Dora.UnitTests.Protocol;

public sealed class HandshakeTests
{
    [Theory]
    [InlineData(0, 0, 0)]
    [InlineData(4, 4, 4)]
    [InlineData(5, 4, 4)]
    [InlineData(4, 5, 4)]
    [InlineData(1, 0, 0)]
    public void One_minor_apart_works_with_the_newest_common_minor(uint daemon, uint node, uint agreed)
    {
        var outcome = Handshake.Negotiate(Range(1, daemon), Range(1, node), "camera");
        Assert.Equal(new HandshakeOutcome.Agreed(agreed), outcome);
    }

    [Fact]
    public void An_older_node_is_told_to_be_rebuilt()
    {
        var outcome = Assert.IsType<HandshakeOutcome.Disagreed>(Handshake.Negotiate(Range(1, 5, "0.6.0"), Range(1, 3, "0.4.0"), "camera"));
        Assert.Equal(
            "node 'camera' speaks protocol 1.2 to 1.3 (dora 0.4.0), this daemon speaks protocol 1.4 to 1.5 (dora 0.6.0); one minor version apart would work",
            outcome.Reason);
        Assert.Equal("Rebuild node 'camera' with the dora library of dora 0.6.0.", outcome.Fix);
        Assert.Equal(outcome.Reason, outcome.ToMessage().Reason);
    }

    [Fact]
    public void A_newer_node_leads_to_a_newer_dora_or_a_rebuild()
    {
        var outcome = Assert.IsType<HandshakeOutcome.Disagreed>(Handshake.Negotiate(Range(1, 0, "0.1.0"), Range(2, 0, "1.0.0"), "camera"));
        Assert.Contains("speaks protocol 2.0 (dora 1.0.0)", outcome.Reason, StringComparison.Ordinal);
        Assert.Equal("Install dora 1.0.0 on this machine, or rebuild node 'camera' with the dora library of dora 0.1.0.", outcome.Fix);
    }

    [Fact]
    public void Nonsense_is_refused_and_its_text_is_made_printable()
    {
        Assert.IsType<HandshakeOutcome.Disagreed>(Handshake.Negotiate(Range(1, 0), null, "x"));
        Assert.IsType<HandshakeOutcome.Disagreed>(Handshake.Negotiate(Range(1, 0), new VersionRange(), "x"));
        Assert.IsType<HandshakeOutcome.Disagreed>(
            Handshake.Negotiate(Range(1, 0), new VersionRange { Major = 1, MinorMin = 2, MinorMax = 1 }, "x"));
        var hostile = Range(9, 9, "\u001b[31m" + new string('x', 10_000));
        var outcome = Assert.IsType<HandshakeOutcome.Disagreed>(Handshake.Negotiate(Range(1, 0), hostile, "n\n"));
        Assert.DoesNotContain(outcome.Reason + outcome.Fix, char.IsControl);
        Assert.InRange(outcome.Reason.Length, 1, 400);
    }

    [Fact]
    public void Both_sides_reach_the_same_answer()
    {
        for (uint a = 0; a < 6; a++)
        {
            for (uint b = 0; b < 6; b++)
            {
                var one = Handshake.Negotiate(Range(1, a), Range(1, b), "n");
                var other = Handshake.Negotiate(Range(1, b), Range(1, a), "n");
                Assert.Equal(Math.Abs((int)a - (int)b) <= 1, one is HandshakeOutcome.Agreed);
                Assert.Equal(one is HandshakeOutcome.Agreed, other is HandshakeOutcome.Agreed);
            }
        }
    }

    [Fact]
    public void This_build_agrees_with_itself() => Assert.Equal(
        new HandshakeOutcome.Agreed(ProtocolVersions.Minor),
        Handshake.Negotiate(ProtocolVersions.Current(), ProtocolVersions.Current(), "n"));

    private static VersionRange Range(uint major, uint minor, string product = "0.1.0") => ProtocolVersions.RangeOf(major, minor, product);
}
