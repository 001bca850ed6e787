// SPDX-License-Identifier: Apache-2.0

using System.Diagnostics;
using Dora.Protocol;

namespace Dora.UnitTests.Protocol;

public sealed class MetadataParametersTests
{
    [Fact]
    public void Every_type_is_set_and_read_back()
    {
        var time = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);
        var parameters = MetadataParameters.Decode(new MetadataParameters
        {
            ["bool"] = true,
            ["integer"] = -5,
            ["float"] = 2.5,
            ["string"] = "text",
            ["integers"] = new long[] { 1, -1 },
            ["floats"] = new[] { 0.5, double.NaN },
            ["strings"] = new[] { "a", "" },
            ["time"] = time,
        }.ToEncoded());

        Assert.True(parameters["bool"].AsBool);
        Assert.Equal(-5, parameters["integer"].AsInteger);
        Assert.Equal(-5.0, parameters["integer"].AsFloat);
        Assert.Equal(2.5, parameters["float"].AsFloat);
        Assert.Equal("text", parameters["string"].AsString);
        Assert.Equal([1, -1], parameters["integers"].AsIntegers);
        Assert.Equal([0.5, double.NaN], parameters["floats"].AsFloats);
        Assert.Equal(["a", ""], parameters["strings"].AsStrings);
        Assert.Equal(time, parameters["time"].AsTimestamp);
        Assert.Equal(["bool", "integer", "float", "string", "integers", "floats", "strings", "time"], parameters.Keys);
        Assert.Equal("The parameter is of kind Bool, not String.", Assert.Throws<InvalidOperationException>(() => parameters["bool"].AsString).Message);
    }

    [Fact]
    public void Setting_replaces_and_null_removes()
    {
        var parameters = new MetadataParameters { ["a"] = 1, ["b"] = 2 };
        parameters["a"] = "other";
        parameters["b"] = (string?)null;
        Assert.Equal("other", Assert.Single(parameters).Value.AsString);
        Assert.Throws<KeyNotFoundException>(() => parameters["b"]);
        Assert.Throws<ArgumentException>(() => parameters.Add("a", 1));
        Assert.True(parameters.Remove("a"));
        Assert.False(parameters.Remove("a"));
    }

    [Fact]
    public void What_was_received_is_read_only_and_a_copy_is_not()
    {
        var received = MetadataParameters.FromEncoded(new MetadataParameters { ["a"] = 1 }.ToEncoded());
        Assert.Throws<NotSupportedException>(() => received["a"] = 2);
        Assert.Throws<NotSupportedException>(() => MetadataParameters.Empty["a"] = 2);
        var copy = new MetadataParameters(received) { ["a"] = 2 };
        Assert.Equal(1, received["a"].AsInteger);
        Assert.Equal(2, copy["a"].AsInteger);
    }

    [Fact]
    public void Decoding_waits_for_the_first_access()
    {
        var received = MetadataParameters.FromEncoded(new byte[] { 0xFF });
        Assert.Throws<ProtocolException>(() => received.Count);
        Assert.Throws<ProtocolException>(() => received.ContainsKey("a")); // and stays an error
    }

    [Fact]
    public void Caps_hold_for_writers()
    {
        var parameters = new MetadataParameters();
        Assert.Throws<ArgumentException>(() => parameters[new string('k', 257)] = 1);
        for (var i = 0; i < MetadataLimits.ParametersMax; i++)
        {
            parameters[$"k{i}"] = i;
        }

        Assert.Throws<InvalidOperationException>(() => parameters["more"] = 1);
        Assert.Equal(MetadataLimits.ParametersMax, MetadataParameters.Decode(parameters.ToEncoded()).Count);
    }

    [Fact]
    public void Trace_context_travels_in_both_forms()
    {
        var context = new ActivityContext(ActivityTraceId.CreateRandom(), ActivitySpanId.CreateRandom(), ActivityTraceFlags.Recorded, "v=1", isRemote: true);
        var parameters = new MetadataParameters();
        parameters.SetTraceContext(context);
        Assert.True(parameters.TryGetTraceContext(out var w3c));
        Assert.Equal(context, w3c);

        parameters["traceparent"] = parameters["tracestate"] = (string?)null;
        Assert.True(parameters.TryGetTraceContext(out var dora));
        Assert.Equal(context, dora);

        parameters["open_telemetry_context"] = "traceparent:nonsense;";
        Assert.False(parameters.TryGetTraceContext(out _));
        Assert.False(MetadataParameters.Empty.TryGetTraceContext(out _));
    }
}
