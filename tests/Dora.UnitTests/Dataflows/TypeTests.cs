// SPDX-License-Identifier: Apache-2.0

using Dora.Dataflows.Types;

namespace Dora.UnitTests.Dataflows;

public sealed class TypeTests
{
    private static TypeUrn Urn(string text)
    {
        var urn = TypeUrn.Parse(text.Contains('/', StringComparison.Ordinal) ? text : $"std/core/v1/{text}", out string problem);
        Assert.True(urn is not null, problem);
        return urn;
    }

    [Theory]
    [InlineData("UInt8", "UInt8", true)]
    [InlineData("UInt8", "UInt64", true)]
    [InlineData("UInt64", "UInt8", false)]
    [InlineData("Int32", "Int64", true)]
    [InlineData("Int32", "UInt64", false)]
    [InlineData("Float32", "Float64", true)]
    [InlineData("std/media/v1/Image", "Bytes", true)]
    [InlineData("Bytes", "std/media/v1/Image", false)]
    [InlineData("std/media/v1/AudioFrame[sample_type=f32]", "std/media/v1/AudioFrame", true)]
    [InlineData("std/media/v1/AudioFrame", "std/media/v1/AudioFrame[sample_type=f32]", true)]
    [InlineData("std/media/v1/AudioFrame[sample_type=f32]", "std/media/v1/AudioFrame[sample_type=i16]", false)]
    [InlineData("std/media/v1/AudioFrame[sample_type=f32,channels=2]", "std/media/v1/AudioFrame[channels=2]", true)]
    public void An_input_reads_equal_types_wider_ones_and_bytes(string output, string input, bool can)
    {
        Assert.Equal(can, new TypeCompatibility([]).CanRead(Urn(output), Urn(input)));
    }

    [Fact]
    public void Rules_join_chains_of_three_conversions_at_most()
    {
        TypeCompatibility chain = new([(Urn("x/A"), Urn("x/B")), (Urn("x/B"), Urn("x/C")), (Urn("x/C"), Urn("x/D")), (Urn("x/D"), Urn("x/E")), (Urn("x/E"), Urn("x/A"))]);

        Assert.True(chain.CanRead(Urn("x/A"), Urn("x/D")));
        Assert.False(chain.CanRead(Urn("x/A"), Urn("x/E")));
    }

    [Theory]
    [InlineData("")]
    [InlineData("Image")]
    [InlineData("std//Image")]
    [InlineData("std/media/v1/Im age")]
    [InlineData("std/media/v1/Image[")]
    [InlineData("std/media/v1/Image[]")]
    [InlineData("std/media/v1/Image[a]")]
    [InlineData("std/media/v1/Image[a=1")]
    [InlineData("std/media/v1/Image[a=1,a=2]")]
    public void What_is_no_type_name_is_refused_with_a_reason(string text)
    {
        Assert.Null(TypeUrn.Parse(text, out string problem));
        Assert.NotEmpty(problem);
    }

    [Fact]
    public void Every_field_of_a_standard_type_has_a_type_that_is_known()
    {
        FieldChecks checks = new(new TypeLibrary([]));

        Assert.All(StandardTypes.All.SelectMany(t => t.Fields), f => Assert.Null(checks.Problem(f.Type)));
    }
}
