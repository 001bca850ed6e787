// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;
using Dora.Nodes.Events;
using Dora.Nodes.Joining;

namespace Dora.Nodes;

/// <summary>Messages of several inputs that belong together, as the node's <c>join</c> says.</summary>
/// <remarks>
/// <inheritdoc cref="DoraEvent" path="/remarks/para"/>
/// <para>Its messages are read in place and are as valid as the event: they are given back together. Each has its own metadata, trace context included.</para>
/// </remarks>
public sealed class JoinedEvent : DoraEvent
{
    private readonly EventPool _pool;
    private JoinLayout _layout = new([], 0); // written while idle, by the one who starts a use
    private JoinSet<HeldInput> _set = new(0);
    private bool _isRetained;                // whose events go back to the pool from any thread
    private int _isLive;                     // 1 during a use; taken back by whoever disposes first
    private uint _generation;

    internal JoinedEvent(EventPool pool) => _pool = pool;

    /// <inheritdoc/>
    public override EventKind Kind => EventKind.Joined;

    /// <summary>Whether every member has a message.</summary>
    public bool IsComplete => Set.Outcome == JoinOutcome.Complete;

    /// <summary>Whether this says only that time was up (<c>on_timeout: error</c>): there are no messages. <see cref="Missing"/> says who was waited for.</summary>
    public bool IsTimedOut => Set.Outcome == JoinOutcome.TimedOut;

    /// <summary>Messages, collected ones included.</summary>
    public int Count => Set.Total;

    /// <summary>Distance between the earliest and the latest stamp of the members, to .NET's 100 ns.</summary>
    public TimeSpan Spread => TimeSpan.FromTicks(Set.Spread / TimeSpan.NanosecondsPerTick);

    /// <summary>The same in units of the stamp: nanoseconds, or whatever the parameter counts.</summary>
    public long SpreadNs => Set.Spread;

    /// <summary>The members, then the inputs that are collected.</summary>
    public ImmutableArray<string> Inputs
    {
        get
        {
            _ = Set;
            return _layout.Inputs;
        }
    }

    /// <summary>The members that have no message.</summary>
    public IEnumerable<string> Missing
    {
        get
        {
            var set = Set;
            return [.. _layout.Inputs.Take(_layout.MemberCount).Where((_, i) => !set.WasThere(i))];
        }
    }

    /// <summary>Messages of all its inputs that became part of no set, since the set before.</summary>
    public ulong Dropped
    {
        get
        {
            ulong sum = 0;
            foreach (var count in Set.Dropped)
                sum += count;
            return sum;
        }
    }

    /// <summary>The message of an input, the newest if there are several; null: there is none.</summary>
    /// <param name="input">One of <see cref="Inputs"/>.</param>
    /// <exception cref="ArgumentException">The join has no such input; so for all methods.</exception>
    /// <exception cref="ObjectDisposedException">The event, or this message of it, was given back.</exception>
    public InputEvent? this[string input]
    {
        get
        {
            var messages = Set[IndexOf(input)];
            return messages.IsEmpty ? null : messages[^1].Event;
        }
    }

    /// <summary>Messages of one input: more than one in windows and where it is collected.</summary>
    /// <param name="input">One of <see cref="Inputs"/>.</param>
    public int CountOf(string input) => Set[IndexOf(input)].Length;

    /// <summary>One message of an input.</summary>
    /// <param name="input">One of <see cref="Inputs"/>.</param>
    /// <param name="index">From 0, the oldest, to <see cref="CountOf"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">There are not so many.</exception>
    public InputEvent At(string input, int index)
    {
        var messages = Set[IndexOf(input)];
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, messages.Length);
        return messages[index].Event;
    }

    /// <summary>Messages of one input that became part of no set, since the set before.</summary>
    /// <param name="input">One of <see cref="Inputs"/>.</param>
    public ulong DroppedOf(string input) => Set.Dropped[IndexOf(input)];

    /// <inheritdoc/>
    public override JoinedEvent Retain()
    {
        var retained = _pool.RentJoined();
        retained.Begin(_layout, isRetained: true).CopyFrom(Set, static held => new HeldInput(held.Event.Retain()));
        retained.Publish();
        return retained;
    }

    /// <inheritdoc/>
    public override void Dispose()
    {
        base.Dispose();
        End(onReceiver: false);
    }

    internal uint Generation => Volatile.Read(ref _generation);

    /// <summary>Place of an input.</summary>
    internal int IndexOf(string input)
    {
        ArgumentNullException.ThrowIfNull(input);
        var index = _layout.IndexOf(input);
        return index >= 0 ? index : throw new ArgumentException(
            $"'{input}' is no input of this join; its inputs are {string.Join(", ", _layout.Inputs.Select(id => $"'{id}'"))}", nameof(input));
    }

    /// <summary>Messages of an input, by its place.</summary>
    internal InputEvent? Find(int input, int index)
    {
        var set = Set;
        return input >= 0 && input < _layout.Inputs.Length && index >= 0 && index < set[input].Length ? set[input][index].Event : null;
    }

    /// <summary>Begins a use: the set is to be filled, then <see cref="Publish"/>ed.</summary>
    internal JoinSet<HeldInput> Begin(JoinLayout layout, bool isRetained)
    {
        if (!ReferenceEquals(layout, _layout))
            (_layout, _set) = (layout, new JoinSet<HeldInput>(layout.Inputs.Length));
        _isRetained = isRetained;
        _set.Clear();
        return _set;
    }

    /// <summary>The set is filled.</summary>
    internal void Publish() => Volatile.Write(ref _isLive, 1);

    /// <summary>There is no set after all.</summary>
    internal void Abandon() => _pool.Return(this);

    /// <summary>What <see cref="Dispose"/> does, by the receiver who lent the event.</summary>
    internal void GiveBack() => End(onReceiver: true);

    private JoinSet<HeldInput> Set
    {
        get
        {
            if (Volatile.Read(ref _isLive) == 0)
                throw new ObjectDisposedException(
                    nameof(JoinedEvent),
                    "The event was given back: it was disposed, or the node received the next one. Call Retain() to keep an event longer.");
            return _set;
        }
    }

    private void End(bool onReceiver)
    {
        if (Interlocked.Exchange(ref _isLive, 0) == 0)
            return;
        Volatile.Write(ref _generation, _generation + 1);
        for (var i = 0; i < _layout.Inputs.Length; i++)
        {
            foreach (var held in _set[i])
            {
                if (onReceiver && !_isRetained)
                    held.GiveBack();
                else
                    held.Dispose();
            }
        }

        _set.Clear();
        _pool.Return(this);
    }
}
