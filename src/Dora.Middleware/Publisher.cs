// SPDX-License-Identifier: Apache-2.0

using Dora.SharedMemory;

namespace Dora.Middleware;

/// <summary>The sending end of one output: sends each message to every edge (subscriber) that it has at the time.</summary>
/// <remarks>
/// <para>Threading: every member may be called from any thread; sends of several threads take turns under one lock, which is
/// held for less than a microsecond plus, for <see cref="TrySend"/>, the copy. No member calls user code under that lock.</para>
/// <para>All or nothing: a message is queued on all edges or, when one of them pushes back, on none.</para>
/// <para>Errors: nothing here throws for what a peer does; a peer that breaks the rules loses its edge
/// (<see cref="EdgeFaulted"/>).</para>
/// </remarks>
public abstract class Publisher : IDisposable
{
    /// <summary>Largest payload of one message: as much as a span can hold, less 32 MiB for metadata and headers.</summary>
    public const int PayloadBytesMax = int.MaxValue - (32 << 20) + 1;

    /// <summary>Largest metadata of one message.</summary>
    public const int MetadataBytesMax = 16 << 20;

    /// <summary>Called once for each edge whose peer broke the rules, after the edge is gone. May be called on any sending thread.</summary>
    /// <remarks>Set before the first edge is added. Must not throw; may call back into this publisher.</remarks>
    public Action<uint, string>? EdgeFaulted { get; set; }

    /// <summary>How many subscribers the next message would reach.</summary>
    public abstract int EdgeCount { get; }

    /// <summary>Lends memory that subscribers will read in place.</summary>
    /// <param name="payloadBytes">Bytes wanted for the payload; 0 is fine.</param>
    /// <param name="metadataBytes">Bytes wanted for the metadata; 0 when there is none.</param>
    /// <param name="loan">On <see cref="SendStatus.Sent"/> the loan; commit or dispose it.</param>
    /// <returns><see cref="SendStatus.Sent"/> when <paramref name="loan"/> is good; otherwise why not.</returns>
    /// <remarks>Never allocates once the pool has grown to what the dataflow needs; growing may take a round trip to the daemon.</remarks>
    public abstract SendStatus TryLoan(long payloadBytes, int metadataBytes, out Loan loan);

    /// <summary>Publishes what was written into a loan: the first bytes of its payload and metadata.</summary>
    /// <param name="loan">From <see cref="TryLoan"/> of this publisher. Gone after <see cref="SendStatus.Sent"/> or
    /// <see cref="SendStatus.Closed"/>; kept on <see cref="SendStatus.BackPressured"/>, so that the caller may wait and try again.</param>
    /// <param name="payloadLength">Bytes of <see cref="Loan.Payload"/> that count.</param>
    /// <param name="metadataLength">Bytes of <see cref="Loan.Metadata"/> that count.</param>
    /// <param name="timestampNs">The message's time, Unix nanoseconds; also what its age is measured from.</param>
    /// <param name="flags">How the message wants to be treated.</param>
    /// <exception cref="ObjectDisposedException">The loan was already committed or disposed.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A length exceeds what was lent.</exception>
    public abstract SendStatus TryCommit(
        ref Loan loan, int payloadLength, int metadataLength, ulong timestampNs, MessageFlags flags = MessageFlags.None);

    /// <summary>Sends bytes that exist already, with exactly one copy, whatever the number of subscribers.</summary>
    /// <returns>Whether they were sent; after anything but <see cref="SendStatus.Sent"/> nobody got them.</returns>
    public abstract SendStatus TrySend(
        ReadOnlySpan<byte> payload, ReadOnlySpan<byte> metadata, ulong timestampNs, MessageFlags flags = MessageFlags.None);

    /// <summary>Blocks until an attempt that ended in <see cref="SendStatus.BackPressured"/> or
    /// <see cref="SendStatus.PoolExhausted"/> is worth repeating.</summary>
    /// <param name="timeout">At most this long.</param>
    /// <param name="flags">Those of the message that is to be sent: correlated messages wait in more cases.</param>
    /// <returns>False on time-out. True is a hint: another thread may be faster.</returns>
    public abstract bool WaitForSpace(TimeSpan timeout, MessageFlags flags = MessageFlags.None);

    /// <summary>Forgets a subscriber and takes back all memory it holds; unknown ids are ignored. Wakes blocked senders.</summary>
    /// <param name="edgeId">The edge.</param>
    /// <param name="reason">For people.</param>
    public abstract void CloseEdge(uint edgeId, string reason);

    /// <summary>The counters of one living edge.</summary>
    public abstract bool TryGetCounters(uint edgeId, out EdgeCounters counters);

    /// <summary>Closes all edges and gives all memory back. What subscribers have in their queues stays readable to them.</summary>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Gives an uncommitted loan back. Ignores loans that are gone already.</summary>
    internal abstract void ReturnLoan(in LoanToken token);

    /// <inheritdoc cref="Dispose()"/>
    protected abstract void Dispose(bool disposing);
}
