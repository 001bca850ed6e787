// SPDX-License-Identifier: Apache-2.0

namespace Dora.Nodes;

/// <summary>Something that a node receives. Switch on the type, or on <see cref="Kind"/>.</summary>
/// <remarks>
/// <para>Ownership: an event belongs to the receiving loop. It is valid until it is disposed or until the next receive call on the
/// node, whichever comes first; nobody has to dispose it. To keep one longer, <see cref="Retain"/> it.</para>
/// <para>Only <see cref="InputEvent"/> and <see cref="JoinedEvent"/> hold on to anything; for all others both calls do nothing.</para>
/// <para>Threading: reading is safe from any thread; giving back while another thread reads the payload is not.</para>
/// </remarks>
public abstract class DoraEvent : IDisposable
{
    private protected DoraEvent()
    {
    }

    /// <summary>What the event says.</summary>
    public abstract EventKind Kind { get; }

    /// <summary>A second hold on the same message, valid until it is disposed, however many receive calls follow.</summary>
    /// <returns>An event with the same content that the caller must dispose; this one keeps its own lifetime.</returns>
    /// <exception cref="ObjectDisposedException">The event was already given back.</exception>
    public virtual DoraEvent Retain() => this;

    /// <summary>Gives the message back now instead of at the next receive call. May be called more than once.</summary>
    public virtual void Dispose()
    {
    }
}
