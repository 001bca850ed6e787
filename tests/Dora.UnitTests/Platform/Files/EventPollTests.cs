// SPDX-License-Identifier: Apache-2.0

using Dora.Platform.Files;

namespace Dora.UnitTests.Platform.Files;

public sealed class EventPollTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Posted_actions_run_in_order_on_the_polls_thread()
    {
        using var poll = new EventPoll("test poll");
        var seen = new List<int>();
        var last = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        for (var i = 0; i < 1_000; i++)
        {
            var n = i;
            poll.Post(() =>
            {
                if (poll.IsCurrentThread)
                    seen.Add(n);
            });
        }
        poll.Post(last.SetResult);
        await last.Task.WaitAsync(Patience);
        Assert.Equal(Enumerable.Range(0, 1_000), seen);
        Assert.False(poll.IsCurrentThread);
    }

    [Fact]
    public async Task Readiness_is_reported_until_the_registration_is_disposed()
    {
        using var poll = new EventPoll("test poll");
        var pipe = FileDescriptors.CreatePipe();
        FileDescriptors.SetNonBlocking(pipe.ReadEnd, true);
        var handler = new Handler();
        handler.Registration = poll.Add(pipe.ReadEnd, Readiness.Readable, handler);
        handler.StopAfter = 3;

        FileDescriptors.WriteAll(pipe.WriteEnd, [1]); // never read: level-triggered readiness comes again and again
        await handler.Stopped.Task.WaitAsync(Patience);

        var after = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        poll.Post(after.SetResult);
        await after.Task.WaitAsync(Patience);
        Assert.Equal(3, handler.Calls);
        pipe.ReadEnd.Dispose();
        pipe.WriteEnd.Dispose();
    }

    [Fact]
    public void Actions_posted_before_the_end_are_not_lost()
    {
        var ran = 0;
        var poll = new EventPoll("test poll");
        for (var i = 0; i < 100; i++)
            poll.Post(() => ran++);
        poll.Dispose();
        Assert.Equal(100, ran);
        poll.Post(() => ran++); // later ones are dropped, quietly
        Assert.Equal(100, ran);
    }

    private sealed class Handler : IReadinessHandler
    {
        public PollRegistration? Registration { get; set; }
        public int StopAfter { get; set; } = int.MaxValue;
        public int Calls { get; private set; }
        public TaskCompletionSource Stopped { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public void OnReady(Readiness readiness)
        {
            if (++Calls < StopAfter)
                return;
            Registration!.Dispose();
            Stopped.TrySetResult();
        }
    }
}
