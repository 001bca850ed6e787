// SPDX-License-Identifier: Apache-2.0

using Dora.Daemon.Core;
using Dora.Daemon.Edges;
using Dora.Daemon.Logs;
using Dora.Protocol.Messages;

namespace Dora.Daemon.Shell;

/// <summary>What a node may send after its handshake, in the state that it is in. Threading: the daemon's thread.</summary>
/// <remarks>
/// Only what no race can excuse is a broken rule: news of an edge or a stop may cross what the node sends. See <c>docs/formats/node-protocol.md</c>.
/// </remarks>
internal sealed class FrameRules(SegmentBoard segments, EdgeBoard edges)
{
    private const int NameCharactersMax = 64;
    private const int TextCharactersMax = 4096;

    /// <summary>Null when the message is in order; else what the node did, as a clause that follows its name. Escaped and short.</summary>
    public string? WhyBroken(LiveNode node, NodeToDaemon message) => message.BodyCase switch
    {
        NodeToDaemon.BodyOneofCase.Hello => "said hello a second time",
        _ when node.SaidGoodbye => null, // counts for nothing, see Counts
        NodeToDaemon.BodyOneofCase.Ready when !node.IsWired => "said ready before it had been given its edges",
        NodeToDaemon.BodyOneofCase.Ready when node.IsReady => "said ready a second time",
        NodeToDaemon.BodyOneofCase.RequestSegment when !HasOutput(node, message.RequestSegment.OutputId) =>
            $"asked for memory for output '{Name(message.RequestSegment.OutputId)}', which it does not have",
        NodeToDaemon.BodyOneofCase.SegmentMapped when segments.Find(node, message.SegmentMapped.SegmentId) is not { IsShared: false } =>
            $"mapped segment {message.SegmentMapped.SegmentId}, which it was not given or has mapped before",
        NodeToDaemon.BodyOneofCase.RetireSegment when segments.Find(node, message.RetireSegment.SegmentId) is null =>
            $"retired segment {message.RetireSegment.SegmentId}, which it does not have",
        NodeToDaemon.BodyOneofCase.CloseOutputs when message.CloseOutputs.OutputIds.FirstOrDefault(id => !HasOutput(node, id)) is { } id =>
            $"closed output '{Name(id)}', which it does not have",
        NodeToDaemon.BodyOneofCase.PeerFault when !edges.WasGiven(node, new EdgeId(message.PeerFault.EdgeId)) =>
            $"complained about edge {message.PeerFault.EdgeId}, which was never its own",
        NodeToDaemon.BodyOneofCase.OperatorReport when !node.OperatorIds.Contains(message.OperatorReport.OperatorId) =>
            $"reported on operator '{Name(message.OperatorReport.OperatorId)}', which it does not have",
        NodeToDaemon.BodyOneofCase.JoinReport when !edges.Joins.Has(node.Who.Node, message.JoinReport.OperatorId) =>
            $"reported on a join of '{Name(message.JoinReport.OperatorId)}', which it does not have",
        _ => null,
    };

    /// <summary>Whether a message that is in order still means something: after Goodbye only log records do.</summary>
    public static bool Counts(LiveNode node, NodeToDaemon message) =>
        !node.SaidGoodbye || message.BodyCase == NodeToDaemon.BodyOneofCase.Log;

    /// <summary>A text of the node's, short and harmless to a terminal.</summary>
    public static string Text(string text) => Cut(text, TextCharactersMax);

    private static string Name(string text) => Cut(text, NameCharactersMax);

    private static string Cut(string text, int max) => LogText.Escape(text.Length <= max ? text : $"{text.AsSpan(0, max)}…");

    private static bool HasOutput(LiveNode node, string id) => node.OutputIds.Contains(id);
}
