// SPDX-License-Identifier: Apache-2.0

using CsCheck;
using Dora.Middleware;

namespace Dora.UnitTests.Middleware;

public sealed class MessageQueueTests
{
    [Fact]
    public void It_agrees_with_a_list_over_random_histories() =>
        Gen.Int[0, 4].Array[0, 200].Sample(operations =>
        {
            var queue = new MessageQueue<string>();
            var list = new List<(string Item, bool IsCorrelated)>();
            var next = 0;
            foreach (var operation in operations)
            {
                switch (operation)
                {
                    case 0 or 1 or 2:
                        var item = $"{next++}";
                        queue.Add(item, isCorrelated: operation == 0);
                        list.Add((item, operation == 0));
                        break;
                    case 3:
                        Assert.Equal(list.Count > 0, queue.TryRemove(out var first));
                        Assert.Equal(list.FirstOrDefault().Item, first);
                        if (list.Count > 0)
                            list.RemoveAt(0);
                        break;
                    default:
                        var place = list.FindIndex(i => !i.IsCorrelated);
                        Assert.Equal(place >= 0, queue.TryRemoveOrdinary(out var ordinary));
                        Assert.Equal(place >= 0 ? list[place].Item : null, ordinary);
                        if (place >= 0)
                            list.RemoveAt(place);
                        break;
                }

                Assert.Equal((list.Count, list.Count(i => !i.IsCorrelated)), (queue.Count, queue.OrdinaryCount));
            }
        });
}
