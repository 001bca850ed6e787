// SPDX-License-Identifier: Apache-2.0

using CsCheck;
using Dora.SharedMemory;

namespace Dora.UnitTests.SharedMemory;

public sealed class SlotBookTests
{
    [Fact]
    public void The_lowest_free_slot_is_lent_with_a_new_generation()
    {
        var book = new SlotBook(slotCount: 70, edgeCapacity: 1);
        for (var i = 0; i < 70; i++)
        {
            Assert.True(book.TryLend(out var slot, out var generation));
            Assert.Equal((i, 1U), (slot, generation));
        }

        Assert.False(book.TryLend(out _, out _));
        book.EndLoan(66);
        book.EndLoan(3);
        Assert.True(book.TryLend(out var again, out var next));
        Assert.Equal((3, 2U), (again, next));
        Assert.True(book.IsLent(3, 2));
        Assert.False(book.IsLent(3, 1));
    }

    [Fact]
    public void A_slot_is_free_when_the_loan_and_every_holder_are_gone()
    {
        var book = new SlotBook(slotCount: 1, edgeCapacity: 2);
        Assert.True(book.TryLend(out var slot, out _));
        book.Hold(slot, 0);
        book.Hold(slot, 1);
        book.EndLoan(slot);
        Assert.Equal(0, book.FreeCount);
        Assert.True(book.Release(slot, 0));
        Assert.False(book.Release(slot, 0));
        Assert.Equal(0, book.FreeCount);
        book.Strike(1);
        book.Strike(1);
        Assert.Equal(1, book.FreeCount);
    }

    [Fact]
    public void It_agrees_with_a_naive_book_over_random_histories()
    {
        const int Slots = 67;
        var operation = Gen.Int[0, 4].SelectMany(kind => Gen.Int[0, Slots - 1].SelectMany(slot => Gen.Int[0, 199].Select(edge => (kind, slot, edge))));
        operation.Array[1, 300].Sample(operations =>
        {
            var book = new SlotBook(Slots, edgeCapacity: 0);
            var holders = Enumerable.Range(0, Slots).Select(_ => new HashSet<int>()).ToArray();
            var lent = new bool[Slots];
            var edges = 0;
            foreach (var (kind, slot, edge) in operations)
            {
                switch (kind)
                {
                    case 0:
                        var lowest = Enumerable.Range(0, Slots).FirstOrDefault(s => !lent[s] && holders[s].Count == 0, -1);
                        Assert.Equal(lowest >= 0, book.TryLend(out var got, out _));
                        if (lowest >= 0)
                        {
                            Assert.Equal(lowest, got);
                            lent[got] = true;
                        }

                        break;
                    case 1 when lent[slot]:
                        edges = Math.Max(edges, edge + 1);
                        book.EnsureEdges(edges);
                        book.Hold(slot, edge);
                        holders[slot].Add(edge);
                        break;
                    case 2 when lent[slot]:
                        book.EndLoan(slot);
                        lent[slot] = false;
                        break;
                    case 3 when edge < edges:
                        Assert.Equal(holders[slot].Remove(edge), book.Release(slot, edge));
                        break;
                    case 4 when edge < edges:
                        book.Strike(edge);
                        foreach (var set in holders)
                            set.Remove(edge);
                        break;
                }

                Assert.Equal(Enumerable.Range(0, Slots).Count(s => !lent[s] && holders[s].Count == 0), book.FreeCount);
                Assert.Equal(lent.Count(l => l), book.LentCount);
            }
        });
    }
}
