// SPDX-License-Identifier: Apache-2.0

using System.Runtime.CompilerServices;
using Dora.Protocol;
using Dora.Protocol.Messages;

namespace Dora.UnitTests.Protocol;

/// <summary>The format documents say what the code does: every message, every cap.</summary>
public sealed class FormatDocumentTests
{
    private static readonly string Formats =
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(ThisFile())!, "..", "..", "..", "docs", "formats"));

    [Fact]
    public void Node_protocol_names_every_message_and_its_caps()
    {
        var text = File.ReadAllText(Path.Combine(Formats, "node-protocol.md"));
        var messages = NodeToDaemon.Descriptor.Fields.InDeclarationOrder().Concat(DaemonToNode.Descriptor.Fields.InDeclarationOrder());
        Assert.All(messages, field => Assert.Contains($"`{field.MessageType.Name}`", text, StringComparison.Ordinal));
        Assert.Contains($"version {ProtocolVersions.Major}.{ProtocolVersions.Minor}", text, StringComparison.Ordinal);
        Assert.Contains($" {MessageDecoder.NodeFrameBytesMax} ", text, StringComparison.Ordinal);
        Assert.Contains($" {MessageDecoder.DaemonFrameBytesMax}.", text.ReplaceLineEndings(" "), StringComparison.Ordinal);
    }

    [Fact]
    public void Metadata_names_every_cap_and_well_known_key()
    {
        var text = File.ReadAllText(Path.Combine(Formats, "metadata.md"));
        string[] rows =
        [
            $"| encoded metadata | {MetadataLimits.BytesMax} bytes |",
            $"| parameters | {MetadataLimits.ParametersMax} |",
            $"| key | {MetadataLimits.KeyBytesMax} bytes |",
            $"| elements of a list | {MetadataLimits.ListLengthMax} |",
            $"| Arrow schema | {MetadataLimits.ArrowSchemaBytesMax} bytes |",
            $"| Arrow fields, all levels | {MetadataLimits.ArrowNodesMax} |",
            $"| Arrow buffers | {MetadataLimits.ArrowBuffersMax} |",
            $"| Arrow nesting | {MetadataLimits.ArrowDepthMax} |",
            $"`{WellKnownParameters.TraceParent}`", $"`{WellKnownParameters.TraceState}`", $"`{WellKnownParameters.OpenTelemetryContext}`",
            $"`{WellKnownParameters.RequestId}`", $"`{WellKnownParameters.GoalId}`",
        ];
        Assert.All(rows, row => Assert.Contains(row, text, StringComparison.Ordinal));
    }

    private static string ThisFile([CallerFilePath] string path = "") => path;
}
