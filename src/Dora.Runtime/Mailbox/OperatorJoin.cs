// SPDX-License-Identifier: Apache-2.0

using Dora.Nodes.Joining;
using Dora.Operators;
using Dora.Protocol.Messages;
using Dora.Runtime.Port;
using Dora.Runtime.Timing;

namespace Dora.Runtime.Mailbox;

/// <summary>The join of an operator: takes the messages of its inputs, and gives out a set when the operator has its turn. Scheduler thread only.</summary>
/// <remarks>A set is made when it is wanted, not when it could be: so it has what is newest then. It outlives the operator's instances, as queues do.</remarks>
internal sealed class OperatorJoin : RuntimeJoinedSamples, IJoinOwner<OperatorSample>
{
    /// <summary>Time between two reports while sets are made; a process that is killed takes no more counts with it.</summary>
    private const long ReportEveryNs = 1_000_000_000;

    private readonly JoinPlan _plan;
    private readonly Joiner<OperatorSample> _join;
    private readonly JoinSet<OperatorSample> _set;
    private readonly string _stampKey;
    private readonly string[] _inputs;
    private readonly ulong[] _lastSequence;
    private readonly RuntimeClock _clock;
    private long _nextReportNs;

    public OperatorJoin(JoinConfig config, IEnumerable<InputConfig> inputs, RuntimeClock clock)
    {
        _plan = JoinPlans.Of(config, inputs);
        _join = Joiner<OperatorSample>.Create(_plan, this);
        _set = new JoinSet<OperatorSample>(_plan.Inputs.Length);
        _stampKey = config.StampParameter;
        _inputs = [.. _plan.Inputs.Select(input => input.Id)];
        _lastSequence = new ulong[_inputs.Length];
        _clock = clock;
    }

    /// <summary>Whether something has happened of which a set could come.</summary>
    public bool MayHaveSet { get; private set; }

    /// <summary>When it happened, monotonic.</summary>
    public long NewsSinceNs { get; private set; }

    /// <summary>Whether time alone can make a set.</summary>
    public bool IsTimed => _plan.TimeoutNs != JoinPlan.Unlimited || _plan.WindowNs != JoinPlan.Unlimited;

    /// <summary>When it does next; <see cref="long.MaxValue"/>: not with what is here.</summary>
    public long NextNs => _join.NextNs;

    /// <inheritdoc/>
    public override IReadOnlyList<string> Inputs => _inputs;

    /// <inheritdoc/>
    public override bool IsComplete => _set.Outcome == JoinOutcome.Complete;

    /// <inheritdoc/>
    public override bool IsTimedOut => _set.Outcome == JoinOutcome.TimedOut;

    /// <inheritdoc/>
    public override IEnumerable<string> Missing => _inputs.Take(_plan.MemberCount).Where((_, i) => !_set.WasThere(i));

    /// <inheritdoc/>
    public override long SpreadNs => _set.Spread;

    /// <inheritdoc/>
    public override ulong Dropped
    {
        get
        {
            ulong sum = 0;
            foreach (var count in _set.Dropped)
            {
                sum += count;
            }

            return sum;
        }
    }

    /// <summary>Place of an input in the join; -1: its messages come singly.</summary>
    public int PlaceOf(string input) => Array.IndexOf(_inputs, input);

    /// <summary>Messages of an input that wait here.</summary>
    public int WaitingIn(int place) => _join.WaitingIn(place);

    /// <summary>Whether a message can be offered without loss, or may be lost.</summary>
    public bool HasRoom(int place) => _join.HasRoom(place);

    /// <summary>Whether news of an input's end must wait for messages that are here.</summary>
    public bool HoldsBack(int place) => MayHaveSet || _join.HoldsBack(place);

    /// <summary>Takes over one reference to a message.</summary>
    public void Offer(int place, OperatorSample sample, bool isFromNode)
    {
        var now = _clock.NowNs();
        NoteNews(now);
        if (!TryFindStamp(sample, now, out var stamp))
        {
            _join.OfferUnstamped(place, sample);
            return;
        }

        _join.Offer(place, sample, stamp, isFromNode ? LostBefore(place, sample) : 0, now);
    }

    /// <summary>Nothing more comes on an input.</summary>
    public void Close(int place)
    {
        _join.Close(place);
        _lastSequence[place] = 0;
        NoteNews(_clock.NowNs());
    }

    /// <summary>Time has passed.</summary>
    public void Tick(long nowNs)
    {
        if (nowNs >= NextNs)
        {
            NoteNews(nowNs);
        }
    }

    /// <summary>Makes the next set, if there is one. It is this object's, until <see cref="ReleaseSet"/>.</summary>
    public bool TryTake()
    {
        MayHaveSet = _join.TryTake(_clock.NowNs(), _set);
        return MayHaveSet;
    }

    /// <summary>The operator has seen the set.</summary>
    public void ReleaseSet()
    {
        for (var i = 0; i < _inputs.Length; i++)
        {
            foreach (var sample in _set[i])
            {
                sample.Release();
            }
        }

        _set.Clear();
    }

    /// <summary>Forgets everything that waits.</summary>
    public void Clear()
    {
        _join.Clear();
        MayHaveSet = false;
    }

    /// <summary>What became of the messages, for the daemon; null: it was told a short while ago.</summary>
    public JoinReport? Report(string operatorId, bool isFinal)
    {
        var now = _clock.NowNs();
        if (!isFinal && now < _nextReportNs)
        {
            return null;
        }

        _nextReportNs = now + ReportEveryNs;
        return JoinPlans.Report(_join, operatorId, isFinal);
    }

    void IJoinOwner<OperatorSample>.Drop(int input, OperatorSample item, JoinDrop reason) => item.Release();

    void IJoinOwner<OperatorSample>.Release(OperatorSample item) => item.Release();

    OperatorSample IJoinOwner<OperatorSample>.Share(OperatorSample item)
    {
        item.AddReference();
        return item;
    }

    protected override int Count(int place) => _set[place].Length;

    protected override OperatorSample Sample(int place, int index) => _set[place][index];

    private void NoteNews(long nowNs)
    {
        if (!MayHaveSet)
        {
            (MayHaveSet, NewsSinceNs) = (true, nowNs);
        }
    }

    private bool TryFindStamp(OperatorSample sample, long nowNs, out long stamp) => sample is NodeSample { Event: { } received }
        ? JoinStamps.TryFind(_plan, sample.TimestampNs, nowNs, received.Metadata.Encoded, out stamp) // without decoding its parameters
        : JoinStamps.TryFind(_plan, sample.TimestampNs, nowNs, sample.Parameters, _stampKey, out stamp);

    // Between operators of a runtime nothing is lost on the way: what one does not forward, it does not send.
    private long LostBefore(int place, OperatorSample sample)
    {
        if (sample is not NodeSample { Event: { } received })
        {
            return 0;
        }

        var (before, sequence) = (_lastSequence[place], received.Sequence);
        _lastSequence[place] = sequence;
        return before != 0 && sequence > before ? (long)Math.Min(sequence - before - 1, int.MaxValue) : 0;
    }
}
