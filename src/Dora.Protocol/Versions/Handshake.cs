// SPDX-License-Identifier: Apache-2.0

using Dora.Protocol.Messages;

namespace Dora.Protocol;

/// <summary>What two version ranges lead to.</summary>
public abstract record HandshakeOutcome
{
    private HandshakeOutcome()
    {
    }

    /// <summary>Both sides speak <paramref name="Minor"/>, the newest that both know.</summary>
    public sealed record Agreed(uint Minor) : HandshakeOutcome;

    /// <summary>No common version; both texts are for people and go into a <see cref="Refused"/> message.</summary>
    public sealed record Disagreed(string Reason, string Fix) : HandshakeOutcome
    {
        /// <summary>The message that ends the session.</summary>
        public Refused ToMessage() => new() { Reason = Reason, Fix = Fix };
    }
}

/// <summary>Version negotiation: pure, so that either side reaches the same answer.</summary>
public static class Handshake
{
    /// <summary>The daemon's answer to a node's <see cref="Hello"/>.</summary>
    /// <param name="daemon">What the daemon speaks.</param>
    /// <param name="node">What the node announced; hostile until checked, null when it announced nothing.</param>
    /// <param name="nodeName">For the message only.</param>
    public static HandshakeOutcome Negotiate(VersionRange daemon, VersionRange? node, string nodeName)
    {
        if (node is null || node.Major == 0 || node.MinorMin > node.MinorMax)
        {
            return new HandshakeOutcome.Disagreed(
                $"node '{Printable(nodeName)}' announced no valid protocol version, this daemon speaks {Describe(daemon)}",
                "Build the node with a dora library of this major version.");
        }

        var common = Math.Min(daemon.MinorMax, node.MinorMax);
        if (daemon.Major == node.Major && common >= Math.Max(daemon.MinorMin, node.MinorMin))
        {
            return new HandshakeOutcome.Agreed(common);
        }

        var nodeIsOlder = (node.Major, node.MinorMax).CompareTo((daemon.Major, daemon.MinorMax)) < 0;
        return new HandshakeOutcome.Disagreed(
            $"node '{Printable(nodeName)}' speaks {Describe(node)}, this daemon speaks {Describe(daemon)}; one minor version apart would work",
            nodeIsOlder
                ? $"Rebuild node '{Printable(nodeName)}' with the dora library of {Name(daemon)}."
                : $"Install {Name(node)} on this machine, or rebuild node '{Printable(nodeName)}' with the dora library of {Name(daemon)}.");
    }

    private static string Describe(VersionRange range) => range.MinorMin == range.MinorMax
        ? $"protocol {range.Major}.{range.MinorMax} ({Name(range)})"
        : $"protocol {range.Major}.{range.MinorMin} to {range.Major}.{range.MinorMax} ({Name(range)})";

    private static string Name(VersionRange range) => range.Product.Length == 0 ? "dora, version unknown" : $"dora {Printable(range.Product)}";

    /// <summary>Text of the peer's ends up in terminals: bounded, and without control characters.</summary>
    private static string Printable(string text) =>
        string.Concat(text.Take(IdSyntax.LengthMax).Select(c => char.IsControl(c) || char.IsSurrogate(c) ? '?' : c));
}
