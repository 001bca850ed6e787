// SPDX-License-Identifier: Apache-2.0

using Dora.Protocol;

namespace Dora.UnitTests.Protocol;

public sealed class IdTests
{
    [Theory]
    [InlineData("camera")]
    [InlineData("a")]
    [InlineData("Camera_1.left-2")]
    [InlineData("-x")]
    [InlineData("dora2")]
    public void Names_of_the_documented_form_are_valid(string text)
    {
        Assert.True(NodeId.TryParse(text, out var id, out var reason), reason);
        Assert.Equal(text, id.Value);
        Assert.True(OperatorId.IsValid(text));
        Assert.True(DataId.IsValid(text));
    }

    [Theory]
    [InlineData("", "it is empty")]
    [InlineData(".hidden", "it starts with a dot")]
    [InlineData("dora", "'dora' is reserved for timers and logs")]
    [InlineData("a b", "it contains a space; letters, digits, '_', '-' and '.' are allowed")]
    [InlineData("a/b", "it contains '/'; letters, digits, '_', '-' and '.' are allowed")]
    [InlineData("caf\u00e9", "it contains U+00E9; letters, digits, '_', '-' and '.' are allowed")]
    [InlineData("x\n", "it contains U+000A; letters, digits, '_', '-' and '.' are allowed")]
    public void A_wrong_node_id_comes_with_the_reason(string text, string reason)
    {
        Assert.False(NodeId.TryParse(text, out _, out var actual));
        Assert.Equal(reason, actual);
        Assert.Contains(reason, Assert.Throws<FormatException>(() => NodeId.Parse(text)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Sixty_four_characters_are_allowed_and_one_more_is_not()
    {
        Assert.True(NodeId.IsValid(new string('a', 64)));
        Assert.Equal("it has 65 characters, at most 64 are allowed", NodeId.WhyInvalid(new string('a', 65)));
    }

    [Theory]
    [InlineData("op/image", true, "op", "image")]
    [InlineData("image", false, null, "image")]
    public void A_data_id_may_name_an_operators_port(string text, bool split, string? op, string name)
    {
        var id = DataId.Parse(text);
        Assert.Equal(split, id.TrySplit(out var opId, out var port));
        Assert.Equal(op, opId.Value);
        Assert.Equal(name, port.Value);
        if (split)
        {
            Assert.Equal(id, DataId.OfOperator(opId, port));
        }
    }

    [Theory]
    [InlineData("a/b/c", "it contains more than one '/'")]
    [InlineData("/b", "before the '/', it is empty")]
    [InlineData("a/", "after the '/', it is empty")]
    public void A_data_id_has_at_most_two_segments(string text, string reason) => Assert.Equal(reason, DataId.WhyInvalid(text));
}
