// SPDX-License-Identifier: Apache-2.0

using System.Collections.Frozen;
using System.Security.Cryptography;
using Dora.Daemon.Core;
using Dora.Dataflows.Graph;
using Dora.Platform.Sockets;
using Dora.Protocol.Messages;
using Dora.SharedMemory;
using Google.Protobuf;
using Microsoft.Win32.SafeHandles;

namespace Dora.Daemon.Shell;

/// <summary>One incarnation of a node with what belongs to it alone: its secret, its doorbell, its connection.</summary>
/// <remarks>Threading: the daemon's thread, except <see cref="Send"/>: any. Ownership: the shell, until <see cref="Dispose"/>.</remarks>
internal sealed class LiveNode(Incarnation who, GraphNode spec) : IDisposable
{
    public const int SecretBytes = 32;

    public Incarnation Who { get; } = who;

    /// <summary>What it is, with the operators' programs of now.</summary>
    public GraphNode Spec { get; set; } = spec;

    /// <summary>What it may send; each report of thousands of operators asks.</summary>
    public FrozenSet<string> OutputIds { get; } = NodeConfigs.OutputsOf(spec).Select(o => o.Value).ToFrozenSet(StringComparer.Ordinal);

    /// <summary>Operators that it may report on.</summary>
    public FrozenSet<string> OperatorIds { get; } = spec.Operators.Select(o => o.Id.Value).ToFrozenSet(StringComparer.Ordinal);

    /// <summary>What a process must show to be taken for this node; given to it on an inherited descriptor.</summary>
    public byte[] Secret { get; } = RandomNumberGenerator.GetBytes(SecretBytes);

    /// <summary>What its publishers ring to wake it.</summary>
    public SafeFileHandle Doorbell { get; } = DoorbellMemory.Create($"dora-doorbell-{who.Node}");

    /// <summary>Set once the handshake is done.</summary>
    public FrameConnection? Connection { get; set; }

    /// <summary>It was sent WiringDone.</summary>
    public bool IsWired { get; set; }

    /// <summary>It has said Ready.</summary>
    public bool IsReady { get; set; }

    /// <summary>It has said Goodbye.</summary>
    public bool SaidGoodbye { get; set; }

    /// <summary>Which rule of the session it broke, as a clause that follows its name; the session is over then. Null: none.</summary>
    public string? BrokenRule { get; set; }

    /// <summary>The process ended (or a dynamic node detached): nothing reaches it any more.</summary>
    public bool IsGone { get; set; }

    /// <summary>Sends, or keeps until the node reads, or drops if it is gone. Never waits.</summary>
    public void Send(DaemonToNode message, ReadOnlySpan<SafeFileHandle> descriptors) =>
        Connection?.Send(message.ToByteArray(), descriptors);

    /// <summary>The operator whose code runs, as a runtime notes it, or those on several threads (<c>a' or 'b</c>); null: none. For a process that has died.</summary>
    public string? RunningOperator()
    {
        if (Spec.Operators.IsEmpty)
            return null;
        var running = DoorbellMemory.ReadRunning(Doorbell)
            .Where(number => number <= (uint)Spec.Operators.Length)
            .Select(number => Spec.Operators[(int)number - 1].Id.Value)
            .ToArray();
        return running.Length == 0 ? null : string.Join("' or '", running);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        IsGone = true;
        Connection?.Close();
        Doorbell.Dispose();
        CryptographicOperations.ZeroMemory(Secret);
    }
}
