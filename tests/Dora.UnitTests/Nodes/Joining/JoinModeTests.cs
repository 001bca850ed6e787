// SPDX-License-Identifier: Apache-2.0

using Dora.Nodes.Joining;

namespace Dora.UnitTests.Nodes.Joining;

/// <summary>Each mode by example, as <c>docs/guide/join.md</c> tells it.</summary>
public sealed class JoinModeTests
{
    [Fact]
    public void All_takes_the_newest_of_each_once()
    {
        var join = new JoinUnderTest(JoinUnderTest.Plan2(JoinMode.All));
        join.Offer(0, 1, 2, 3);
        join.Offer(1, 4);
        join.Offer(1, 5);
        join.Offer(0, 6);
        Assert.Equal(["a3@3 b1@4", "a4@6 b2@5"], join.Sets);
        Assert.Equal([JoinDrop.Superseded, JoinDrop.Superseded], join.Dropped.Select(d => d.Reason));
        join.CheckAccounts();
    }

    [Fact]
    public void Any_waits_for_nobody()
    {
        var join = new JoinUnderTest(JoinUnderTest.Plan2(JoinMode.Any));
        join.Offer(0, 1);
        join.Offer(1, 2);
        Assert.Equal(["a1@1 (partial)", "b1@2 (partial)"], join.Sets);
    }

    [Fact]
    public void Zip_pairs_by_number()
    {
        var join = new JoinUnderTest(JoinUnderTest.Plan2(JoinMode.Zip));
        join.Offer(0, 10, 20, 30);
        join.Offer(1, 1, 2);
        Assert.Equal(["a1@10 b1@1", "a2@20 b2@2"], join.Sets);
        join.CheckAccounts();
    }

    [Fact]
    public void Zip_stays_in_step_when_a_message_is_lost_on_the_way()
    {
        var join = new JoinUnderTest(JoinUnderTest.Plan2(JoinMode.Zip));
        join.Offer(0, 10, 20, 30);
        join.Offer(1, 1);
        join.Offer(new JoinMessage(1, 3, 3), lostBefore: 1);
        Assert.Equal(["a1@10 b1@1", "a3@30 b3@3"], join.Sets);
        Assert.Equal([(new JoinMessage(0, 2, 20), JoinDrop.Unmatched)], join.Dropped);
    }

    [Fact]
    public void Zip_stays_in_step_when_a_queue_overflows()
    {
        var join = new JoinUnderTest(JoinUnderTest.Plan2(JoinMode.Zip, capacity: 2));
        join.Offer(0, 10, 20, 30);
        join.Offer(1, 1, 2, 3);
        Assert.Equal(["a2@20 b2@2", "a3@30 b3@3"], join.Sets);
        Assert.Equal([JoinDrop.QueueFull, JoinDrop.Unmatched], join.Dropped.Select(d => d.Reason));
    }

    [Fact]
    public void Latest_brings_each_trigger_with_what_was_newest_then()
    {
        var join = new JoinUnderTest(JoinUnderTest.Plan2(JoinMode.Latest));
        join.Offer(0, 1);
        Assert.Empty(join.Sets);
        join.Offer(1, 2);
        join.Offer(0, 3, 4);
        join.Offer(1, 5, 6);
        join.Offer(0, 7);
        Assert.Equal(["a1@1 b1@2", "a2@3 b1@2", "a3@4 b1@2", "a4@7 b3@6"], join.Sets);
        Assert.Equal([(new JoinMessage(1, 2, 5), JoinDrop.Superseded)], join.Dropped);
        join.CheckAccounts();
    }

    [Fact]
    public void Latest_does_without_what_is_too_old_only_when_time_is_up()
    {
        var join = new JoinUnderTest(JoinUnderTest.Plan2(JoinMode.Latest) with { MaxAgeNs = 10, TimeoutNs = 5 });
        join.Offer(1, 100);
        join.Offer(0, 110, 111);
        Assert.Equal(["a1@110 b1@100"], join.Sets);
        join.NowNs = 4;
        join.Offer(0, 112); // replaces the one that waits, and waits no longer than that
        Assert.Equal(5, join.Join.NextNs);
        join.NowNs = 5;
        join.Take();
        Assert.Equal(["a1@110 b1@100", "a3@112 (partial)"], join.Sets);
    }

    [Fact]
    public void Latest_keeps_what_is_newest_when_a_trigger_is_dropped()
    {
        var plan = JoinUnderTest.Plan2(JoinMode.Latest, members: 3) with { TimeoutNs = 5, OnTimeout = JoinTimeoutAction.Drop };
        var join = new JoinUnderTest(plan);
        join.Offer(1, 1);
        join.Offer(0, 2);
        join.NowNs = 5;
        join.Take();
        Assert.Equal([(new JoinMessage(0, 1, 2), JoinDrop.TimedOut)], join.Dropped);
        join.CheckAccounts();
        join.Offer(2, 3);
        join.Offer(0, 4);
        Assert.Equal(["a2@4 b1@1 c1@3"], join.Sets);
        join.CheckAccounts();
    }

    [Fact]
    public void Exact_matches_equal_stamps_and_drops_the_rest_at_once()
    {
        var join = new JoinUnderTest(JoinUnderTest.Plan2(JoinMode.Exact));
        join.Offer(0, 1, 2, 4);
        join.Offer(1, 2, 3);
        Assert.Equal(["a2@2 b1@2"], join.Sets);
        Assert.Equal([(new JoinMessage(0, 1, 1), JoinDrop.Unmatched), (new JoinMessage(1, 2, 3), JoinDrop.Unmatched)], join.Dropped);
        join.CheckAccounts();
    }

    [Fact]
    public void Approximate_waits_while_a_nearer_message_may_come_and_no_longer()
    {
        var join = new JoinUnderTest(JoinUnderTest.Plan2(JoinMode.Approximate));
        join.Offer(0, 100);
        join.Offer(1, 90);
        Assert.Empty(join.Sets); // b at 95 would be nearer
        join.Offer(1, 95);
        Assert.Empty(join.Sets);
        join.Offer(1, 112);
        Assert.Equal(["a1@100 b2@95"], join.Sets);
        Assert.Equal([(new JoinMessage(1, 1, 90), JoinDrop.Unmatched)], join.Dropped);
    }

    [Fact]
    public void Approximate_sets_are_no_wider_than_the_tolerance()
    {
        var join = new JoinUnderTest(JoinUnderTest.Plan2(JoinMode.Approximate) with { ToleranceNs = 10 });
        join.Offer(0, 100);
        join.Offer(1, 111, 205);
        join.Offer(0, 200, 300);
        Assert.Equal(["a2@200 b2@205"], join.Sets);
        Assert.Equal([100L, 111L], join.Dropped.Select(d => d.Message.Stamp).Order());
    }

    [Fact]
    public void Approximate_gives_a_set_rather_than_lose_a_message()
    {
        var join = new JoinUnderTest(JoinUnderTest.Plan2(JoinMode.Approximate, capacity: 3));
        join.Offer(0, 100);
        join.Offer(1, 90, 91, 92);
        Assert.Equal(["a1@100 b3@92"], join.Sets);
    }

    [Fact]
    public void Deterministic_orders_all_messages_by_stamp()
    {
        var join = new JoinUnderTest(JoinUnderTest.Plan2(JoinMode.Deterministic));
        join.Offer(0, 1, 3, 5);
        Assert.Empty(join.Sets);
        join.Offer(1, 2, 3, 4);
        join.Close(1);
        Assert.Equal(["a1@1 (partial)", "b1@2 (partial)", "a2@3 b2@3", "b3@4 (partial)", "a3@5 (partial)"], join.Sets);
    }

    [Fact]
    public void Deterministic_drops_what_comes_after_its_turn()
    {
        var join = new JoinUnderTest(JoinUnderTest.Plan2(JoinMode.Deterministic) with { TimeoutNs = 10 });
        join.Offer(0, 5);
        join.NowNs = 10;
        join.Take();
        join.Offer(1, 4);
        Assert.Equal(["a1@5 (partial)"], join.Sets);
        Assert.Equal([JoinDrop.Late], join.Dropped.Select(d => d.Reason));
    }

    [Fact]
    public void Windows_end_by_number_by_time_and_when_a_queue_is_full()
    {
        var join = new JoinUnderTest(JoinUnderTest.Plan2(JoinMode.Window, capacity: 4) with { WindowCount = 5, WindowNs = 100 });
        join.Offer(0, 1, 2, 3);
        join.Offer(1, 4, 5);
        Assert.Equal(["a1@1 a2@2 a3@3 b1@4 b2@5"], join.Sets);
        join.Offer(0, 6);
        join.NowNs = 99;
        join.Take();
        Assert.Single(join.Sets);
        join.NowNs = join.Join.NextNs;
        join.Take();
        Assert.Equal("a4@6 (partial)", join.Sets[1]);
        join.Offer(1, 7, 8, 9, 10);
        Assert.Equal("b3@7 b4@8 b5@9 b6@10 (partial)", join.Sets[2]);
        join.Offer(0, 11);
        join.Close(0);
        Assert.Equal(3, join.Sets.Count);
        join.Close(1);
        Assert.Equal("a5@11 (partial)", join.Sets[3]);
        join.CheckAccounts();
    }

    [Fact]
    public void Collected_messages_come_with_the_set_that_they_are_not_later_than()
    {
        var join = new JoinUnderTest(JoinUnderTest.Plan2(JoinMode.All, capacity: 3, collected: 1));
        join.Offer(2, 1, 2, 3, 4, 11);
        join.Offer(0, 9);
        join.Offer(1, 10);
        join.Offer(0, 19);
        join.Offer(1, 20);
        Assert.Equal(["a1@9 b1@10 c3@3 c4@4", "a2@19 b2@20 c5@11"], join.Sets);
        Assert.Equal([JoinDrop.QueueFull, JoinDrop.QueueFull], join.Dropped.Select(d => d.Reason));
        join.CheckAccounts();
    }

    [Theory]
    [InlineData(0, "a1@1 (partial)")]
    [InlineData(1, null)]
    [InlineData(2, "(timed out)")]
    public void When_time_is_up_the_set_is_partial_dropped_or_an_error(int action, string? set)
    {
        var join = new JoinUnderTest(JoinUnderTest.Plan2(JoinMode.Zip) with { TimeoutNs = 10, OnTimeout = (JoinTimeoutAction)action });
        join.NowNs = 3;
        join.Offer(0, 1);
        Assert.Equal(13, join.Join.NextNs);
        join.NowNs = 13;
        join.Take();
        Assert.Equal(set is null ? [] : [set], join.Sets);
        join.Offer(0, 2);
        join.Offer(1, 21, 22); // the first of b has lost its partner
        Assert.Equal("a2@2 b2@22", join.Sets[^1]);
        join.CheckAccounts();
    }

    [Fact]
    public void A_set_that_is_complete_after_one_was_dropped_does_not_wait()
    {
        var join = new JoinUnderTest(JoinUnderTest.Plan2(JoinMode.Zip) with { TimeoutNs = 10, OnTimeout = JoinTimeoutAction.Drop });
        join.Offer(0, 1);
        join.NowNs = 9;
        join.Offer(0, 2);
        join.Offer(new JoinMessage(1, 2, 22), lostBefore: 1);
        Assert.Equal(["a2@2 b2@22"], join.Sets);
    }

    [Fact]
    public void A_closed_member_ends_the_sets_that_need_it()
    {
        var join = new JoinUnderTest(JoinUnderTest.Plan2(JoinMode.All));
        join.Offer(0, 1);
        join.Close(1);
        join.Offer(0, 2);
        Assert.Empty(join.Sets);
        Assert.Equal([JoinDrop.Ended, JoinDrop.Ended], join.Dropped.Select(d => d.Reason));
        join.Offer(1, 3); // it was started again
        join.Offer(0, 4);
        Assert.Equal(["a3@4 b1@3"], join.Sets);
        join.CheckAccounts();
    }

    [Fact]
    public void Partial_sets_go_on_without_a_closed_member()
    {
        var join = new JoinUnderTest(JoinUnderTest.Plan2(JoinMode.Exact, members: 3) with { TimeoutNs = 1000 });
        join.Offer(2, 1);
        join.Close(2);
        join.Offer(0, 2);
        join.Offer(1, 2);
        Assert.Equal(["a1@2 b1@2 (partial)"], join.Sets);
    }

    [Fact]
    public void A_clock_that_was_set_back_stops_a_member_for_one_queue_only()
    {
        var join = new JoinUnderTest(JoinUnderTest.Plan2(JoinMode.Exact, capacity: 2));
        join.Offer(0, 1000);
        join.Offer(1, 1000);
        join.Offer(0, 1, 2, 3);
        join.Offer(1, 1, 2, 3);
        join.Offer(0, 4);
        join.Offer(1, 4);
        Assert.Equal(["a1@1000 b1@1000", "a5@4 b5@4"], join.Sets);
        join.CheckAccounts();
    }

    [Fact]
    public void Stamps_at_the_ends_of_their_range_are_stamps()
    {
        var join = new JoinUnderTest(JoinUnderTest.Plan2(JoinMode.Approximate) with { ToleranceNs = 5 });
        join.Offer(0, long.MinValue + 1, long.MaxValue - 1, long.MaxValue);
        join.Offer(1, long.MinValue + 2, long.MaxValue);
        Assert.Equal(["a1@-9223372036854775807 b1@-9223372036854775806", "a3@9223372036854775807 b2@9223372036854775807"], join.Sets);
    }

    [Fact]
    public void A_message_without_a_stamp_is_counted()
    {
        var join = new JoinUnderTest(JoinUnderTest.Plan2(JoinMode.Exact));
        join.Join.OfferUnstamped(0, new JoinMessage(0, 1, 0));
        Assert.Equal(1UL, join.Join.Counts(0)[JoinDrop.NoStamp]);
        join.CheckAccounts();
    }
}
