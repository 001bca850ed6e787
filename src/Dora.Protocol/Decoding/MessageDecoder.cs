// SPDX-License-Identifier: Apache-2.0

using Dora.Protocol.Messages;
using Google.Protobuf;

namespace Dora.Protocol;

/// <summary>The only way in for control messages: frames as they came from a socket, with caps before anything is allocated.</summary>
/// <remarks>
/// <para>Total: any bytes give a message or a <see cref="ProtocolException"/>, after which the session must end. Nesting is capped at
/// protobuf's 100 levels, no message here has more than five; unknown fields are dropped, not kept.</para>
/// <para>Memory: decoding allocates at most about 40 bytes per byte of the frame (empty entries of a repeated message are the worst
/// case), so the caps below bound it.</para>
/// <para>A message whose body is not set comes from a peer that is newer than was agreed: ignore it.</para>
/// </remarks>
public static class MessageDecoder
{
    /// <summary>What a node may send in one frame: its log records are the longest.</summary>
    public const int NodeFrameBytesMax = 1 << 20;

    /// <summary>What a daemon may send in one frame: Welcome carries the descriptor, up to 4 MiB, and the node's wiring.</summary>
    public const int DaemonFrameBytesMax = 8 << 20;

    /// <summary>What daemon and launcher may send each other: an environment is the longest, and the kernel takes no more than 2 MiB of it.</summary>
    public const int LauncherFrameBytesMax = 4 << 20;

    private static readonly MessageParser<NodeToDaemon> NodeToDaemonParser = NodeToDaemon.Parser.WithDiscardUnknownFields(true);
    private static readonly MessageParser<DaemonToNode> DaemonToNodeParser = DaemonToNode.Parser.WithDiscardUnknownFields(true);
    private static readonly MessageParser<DaemonToLauncher> DaemonToLauncherParser = DaemonToLauncher.Parser.WithDiscardUnknownFields(true);
    private static readonly MessageParser<LauncherToDaemon> LauncherToDaemonParser = LauncherToDaemon.Parser.WithDiscardUnknownFields(true);
    private static readonly MessageParser<ArrowField> ArrowFieldParser = ArrowField.Parser.WithDiscardUnknownFields(true);

    /// <summary>A frame that a daemon read from a node.</summary>
    /// <exception cref="ProtocolException">The bytes are not such a message, or are too many.</exception>
    public static NodeToDaemon DecodeNodeToDaemon(ReadOnlySpan<byte> frame) => Decode(NodeToDaemonParser, frame, NodeFrameBytesMax);

    /// <summary>A frame that a node read from its daemon.</summary>
    /// <exception cref="ProtocolException">The bytes are not such a message, or are too many.</exception>
    public static DaemonToNode DecodeDaemonToNode(ReadOnlySpan<byte> frame) => Decode(DaemonToNodeParser, frame, DaemonFrameBytesMax);

    /// <summary>A frame that a launcher read from its daemon.</summary>
    /// <exception cref="ProtocolException">The bytes are not such a message, or are too many.</exception>
    public static DaemonToLauncher DecodeDaemonToLauncher(ReadOnlySpan<byte> frame) => Decode(DaemonToLauncherParser, frame, LauncherFrameBytesMax);

    /// <summary>A frame that a daemon read from a launcher.</summary>
    /// <exception cref="ProtocolException">The bytes are not such a message, or are too many.</exception>
    public static LauncherToDaemon DecodeLauncherToDaemon(ReadOnlySpan<byte> frame) => Decode(LauncherToDaemonParser, frame, LauncherFrameBytesMax);

    /// <summary>The schema of an Arrow payload, from <see cref="ArrowLayoutReader.Schema"/>.</summary>
    /// <exception cref="ProtocolException">The bytes are not a field description, or exceed <see cref="MetadataLimits"/>.</exception>
    public static ArrowField DecodeArrowField(ReadOnlySpan<byte> encoded)
    {
        var field = Decode(ArrowFieldParser, encoded, MetadataLimits.ArrowSchemaBytesMax);
        var budget = MetadataLimits.ArrowNodesMax;
        CheckShape(field, MetadataLimits.ArrowDepthMax, ref budget);
        return field;
    }

    private static T Decode<T>(MessageParser<T> parser, ReadOnlySpan<byte> frame, int bytesMax)
        where T : IMessage<T>
    {
        if (frame.Length > bytesMax)
        {
            throw new ProtocolException($"A {typeof(T).Name} frame has {frame.Length} bytes; at most {bytesMax} are allowed.");
        }

        try
        {
            return parser.ParseFrom(frame);
        }
        catch (InvalidProtocolBufferException e)
        {
            throw new ProtocolException($"A frame of {frame.Length} bytes is not a {typeof(T).Name} message: {e.Message}", e);
        }
    }

    private static void CheckShape(ArrowField field, int depthLeft, ref int budget)
    {
        if (depthLeft == 0 || --budget < 0)
        {
            throw new ProtocolException(
                $"An Arrow type has more than {MetadataLimits.ArrowDepthMax} levels or {MetadataLimits.ArrowNodesMax} fields.");
        }

        foreach (var child in field.Children)
        {
            CheckShape(child, depthLeft - 1, ref budget);
        }

        if (field.Dictionary is { } dictionary)
        {
            CheckShape(dictionary, depthLeft - 1, ref budget);
        }
    }
}
