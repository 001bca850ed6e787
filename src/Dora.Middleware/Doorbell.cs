// SPDX-License-Identifier: Apache-2.0

namespace Dora.Middleware;

/// <summary>What one thread sleeps on while it waits for any of many things: messages on its edges, control events.</summary>
/// <remarks>
/// <para>The waiter says that it is about to sleep, looks once more, then sleeps; whoever has something for it makes that visible first
/// and rings second. <see cref="DoorbellWait"/> is that loop written down once; use it rather than the three parts.</para>
/// <para>Threading: any number of threads ring; one thread at a time waits.</para>
/// </remarks>
public abstract class Doorbell : IDisposable
{
    /// <summary>The longest that <see cref="Wait"/> sleeps in one go, so that a peer which dies between its two steps costs a second at most.</summary>
    public static readonly TimeSpan SleepMax = TimeSpan.FromSeconds(1);

    /// <summary>Wakes the waiter if it sleeps or is about to. Costs a few nanoseconds if not. Call after making the news visible.</summary>
    public abstract void Ring();

    /// <summary>Announces that the waiter is about to sleep. Look for news after this and before <see cref="Wait"/>.</summary>
    /// <returns>The ticket for <see cref="Wait"/>.</returns>
    public abstract uint Prepare();

    /// <summary>Sleeps, unless somebody has rung since <see cref="Prepare"/> gave the ticket. Ends the announcement.</summary>
    /// <returns>False when the time-out passed. True otherwise, possibly without reason.</returns>
    public abstract bool Wait(uint ticket, TimeSpan timeout);

    /// <summary>Ends the announcement without sleeping.</summary>
    public abstract void Cancel();

    /// <summary>How many words of 64 notes say which edges have news; 0: there are no notes, look everywhere.</summary>
    /// <remarks>Whoever publishes on an edge sets its note (<see cref="PlaceOf"/>) before it rings. A reader clears the note of an edge that it found
    /// empty and looks at it once more. Notes are written by peers and may be missing or wrong: they only say where to look first, so
    /// look everywhere when <see cref="TimeOuts"/> changes and every now and then.</remarks>
    public virtual int NoteWords => 0;

    /// <summary>Waits that ended because time had passed, so far. The waiting thread.</summary>
    public int TimeOuts { get; private protected set; }

    /// <summary>64 notes. The waiting thread.</summary>
    /// <param name="word">Less than <see cref="NoteWords"/>.</param>
    public virtual ulong ReadNotes(int word) => 0;

    /// <summary>Takes notes away. The waiting thread; it looks at the edges after that.</summary>
    /// <param name="word">Less than <see cref="NoteWords"/>.</param>
    /// <param name="bits">Which.</param>
    public virtual void ClearNotes(int word, ulong bits)
    {
    }

    /// <summary>Where an edge's note is. Edges may share one.</summary>
    public static (int Word, ulong Bit) PlaceOf(uint edgeId) => MappedDoorbell.PendingPlaceOf(edgeId);

    /// <summary>Whether and how long to look again before sleeping; null: not at all.</summary>
    internal virtual SpinBudget? Spin => null;

    /// <summary>Releases the waiter's memory. Not while somebody waits or rings.</summary>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <inheritdoc cref="Dispose()"/>
    protected abstract void Dispose(bool disposing);
}
