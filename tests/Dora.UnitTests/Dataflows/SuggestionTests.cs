// SPDX-License-Identifier: Apache-2.0

using Dora.Dataflows.Diagnostics;

namespace Dora.UnitTests.Dataflows;

public sealed class SuggestionTests
{
    private static readonly string[] Keys = ["path", "args", "queue_size", "queue_policy", "restart_policy", "outputs", "inputs", "shared-library", "warn"];

    [Theory]
    [InlineData("pth", "path")]
    [InlineData("paht", "path")]
    [InlineData("queue-size", "queue_size")]
    [InlineData("QueueSize", "queue_size")]
    [InlineData("output", "outputs")]
    [InlineData("shared_library", "shared-library")]
    [InlineData("warning", "warn")]
    [InlineData("restartPolicy", "restart_policy")]
    public void The_name_that_was_meant_is_found(string written, string meant)
    {
        Assert.Equal(meant, Suggestion.Closest(written, Keys));
    }

    [Theory]
    [InlineData("")]
    [InlineData("colour")]
    [InlineData("x")]
    [InlineData("communication")]
    public void What_resembles_nothing_gets_no_suggestion(string written)
    {
        Assert.Null(Suggestion.Closest(written, Keys));
    }
}
