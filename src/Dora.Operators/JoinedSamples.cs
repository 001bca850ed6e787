// SPDX-License-Identifier: Apache-2.0

namespace Dora.Operators;

/// <summary>Messages of several inputs that belong together, as the operator's <c>join</c> says.</summary>
/// <remarks>Valid during the call, as the event it is of: <see cref="OperatorEvent.Retain"/> a message to keep it longer. Each has its own parameters.</remarks>
public abstract class JoinedSamples
{
    private protected JoinedSamples()
    {
    }

    /// <summary>The members, then the inputs that are collected.</summary>
    public abstract IReadOnlyList<string> Inputs { get; }

    /// <summary>Whether every member has a message.</summary>
    public abstract bool IsComplete { get; }

    /// <summary>Whether this says only that time was up (<c>on_timeout: error</c>): there are no messages. <see cref="Missing"/> says who was waited for.</summary>
    public abstract bool IsTimedOut { get; }

    /// <summary>The members that have no message.</summary>
    public abstract IEnumerable<string> Missing { get; }

    /// <summary>Distance between the earliest and the latest stamp of the members, to .NET's 100 ns.</summary>
    public TimeSpan Spread => TimeSpan.FromTicks(SpreadNs / TimeSpan.NanosecondsPerTick);

    /// <summary>The same in units of the stamp: nanoseconds, or whatever the parameter counts.</summary>
    public abstract long SpreadNs { get; }

    /// <summary>Messages of all its inputs that became part of no set, since the set before.</summary>
    public abstract ulong Dropped { get; }

    /// <summary>The message of an input, the newest if there are several, as an event of kind <see cref="OperatorEventKind.Input"/>: with its data,
    /// array and parameters, to be retained or forwarded.</summary>
    /// <param name="input">One of <see cref="Inputs"/>.</param>
    /// <exception cref="ArgumentException">The join has no such input; so for all methods.</exception>
    /// <exception cref="InvalidOperationException">It has no message; see <see cref="Has"/>.</exception>
    public OperatorEvent this[string input] => CountOf(input) is > 0 and var count
        ? At(input, count - 1)
        : throw new InvalidOperationException($"The set has no message of input '{input}'.");

    /// <summary>Whether there is a message of an input.</summary>
    /// <param name="input">One of <see cref="Inputs"/>.</param>
    public bool Has(string input) => CountOf(input) > 0;

    /// <summary>Messages of one input: more than one in windows and where it is collected.</summary>
    /// <param name="input">One of <see cref="Inputs"/>.</param>
    public int CountOf(string input) => CountAt(PlaceOf(input));

    /// <summary>One message of an input, as an event of kind <see cref="OperatorEventKind.Input"/>.</summary>
    /// <param name="input">One of <see cref="Inputs"/>.</param>
    /// <param name="index">From 0, the oldest, to <see cref="CountOf"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">There are not so many.</exception>
    public OperatorEvent At(string input, int index)
    {
        var place = PlaceOf(input);
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, CountAt(place));
        return EventAt(place, index);
    }

    private protected abstract int CountAt(int place);

    private protected abstract OperatorEvent EventAt(int place, int index);

    private int PlaceOf(string input)
    {
        var inputs = Inputs;
        for (var i = 0; i < inputs.Count; i++) // a join has few
        {
            if (string.Equals(inputs[i], input, StringComparison.Ordinal))
            {
                return i;
            }
        }

        throw new ArgumentException($"'{input}' is no input of this join; its inputs are {string.Join(", ", inputs.Select(id => $"'{id}'"))}", nameof(input));
    }
}

/// <summary>A set of the runtime's, used again and again.</summary>
internal abstract class RuntimeJoinedSamples : JoinedSamples
{
    /// <summary>Messages of an input, by its place.</summary>
    protected abstract int Count(int place);

    /// <summary>One of them; the set's.</summary>
    protected abstract OperatorSample Sample(int place, int index);

    private protected override int CountAt(int place) => Count(place);

    private protected override OperatorEvent EventAt(int place, int index) => new(Inputs[place], Sample(place, index));
}

/// <summary>A set that a test made.</summary>
internal sealed class GivenSamples : JoinedSamples
{
    private readonly List<string> _inputs = [];
    private readonly List<List<byte[]>> _data = [];

    public GivenSamples(IEnumerable<(string Input, byte[]? Data)> messages)
    {
        foreach (var (input, data) in messages)
        {
            var place = _inputs.IndexOf(input);
            if (place < 0)
            {
                place = _inputs.Count;
                _inputs.Add(input);
                _data.Add([]);
            }

            if (data is not null)
            {
                _data[place].Add(data);
            }
        }
    }

    public override IReadOnlyList<string> Inputs => _inputs;
    public override bool IsComplete => _data.TrueForAll(d => d.Count > 0);
    public override bool IsTimedOut => _data.TrueForAll(d => d.Count == 0);
    public override IEnumerable<string> Missing => _inputs.Where((_, i) => _data[i].Count == 0);
    public override long SpreadNs => 0;
    public override ulong Dropped => 0;

    private protected override int CountAt(int place) => _data[place].Count;

    private protected override OperatorEvent EventAt(int place, int index) => OperatorEvent.ForInput(_inputs[place], _data[place][index]);
}
