// SPDX-License-Identifier: Apache-2.0

using Dora.Operators;
using Dora.Protocol;

namespace Dora.UnitTests.Operators;

/// <summary>Authors test operators with events that they make themselves.</summary>
public sealed class OperatorEventTests
{
    [Fact]
    public void A_made_input_has_what_it_was_made_of()
    {
        var e = OperatorEvent.ForInput("image", [1, 2], new MetadataParameters { ["n"] = 3 }, timestampNs: 1_000);
        Assert.Equal((OperatorEventKind.Input, "image", ""), (e.Kind, e.Id, e.Reason));
        Assert.Equal([1, 2], e.Data.ToArray());
        Assert.Equal(3, e.Parameters["n"].AsInteger);
        Assert.Equal(DateTimeOffset.UnixEpoch.AddTicks(10), e.Timestamp);

        using var kept = e.Retain();
        Assert.Equal([1, 2], kept.Data.ToArray());
        Assert.Equal(1_000UL, kept.TimestampNs);
    }

    [Fact]
    public void A_made_control_event_has_no_data()
    {
        var e = OperatorEvent.ForControl(OperatorEventKind.InputClosed, "image", "the camera ended");
        Assert.Equal((OperatorEventKind.InputClosed, "image", "the camera ended"), (e.Kind, e.Id, e.Reason));
        Assert.True(e.Data.IsEmpty);
        Assert.Empty(e.Parameters);
        Assert.Throws<InvalidOperationException>(() => OperatorEvent.ForControl(OperatorEventKind.Stop).Retain());
        Assert.Throws<ArgumentException>(() => OperatorEvent.ForControl(OperatorEventKind.Input).Id);
    }

    [Fact]
    public void The_numbers_of_the_status_are_those_of_doras_C_interface() =>
        Assert.Equal((0, 1, 2), ((int)DoraStatus.Continue, (int)DoraStatus.Stop, (int)DoraStatus.StopAll));
}
