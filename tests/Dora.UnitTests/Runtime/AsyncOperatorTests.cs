// SPDX-License-Identifier: Apache-2.0

using Dora.Operators;

namespace Dora.UnitTests.Runtime;

public sealed class AsyncOperatorTests
{
    private readonly RuntimeUnderTest _runtime = new();

    [Fact]
    public void What_an_operator_awaits_continues_on_the_runtimes_thread_and_can_send()
    {
        var threads = new HashSet<int>();
        _runtime.Add("a", "in=camera:image", "out", (in OperatorEvent e, OutputSender output) =>
        {
            threads.Add(Environment.CurrentManagedThreadId);
            if (e.Kind == OperatorEventKind.Input)
            {
                Answer(output, threads, () => _runtime.Node.Close("a/in"));
            }

            return DoraStatus.Continue;
        });
        _runtime.Node.AddInput("a/in", 1);
        _runtime.Run();
        Assert.Equal(3, Assert.Single(_runtime.Node.Outputs["a/out"].Sent)[0]);
        Assert.Single(threads);

        static async void Answer(OutputSender output, HashSet<int> threads, Action finish)
        {
            var result = await Task.Run(() => 3);
            threads.Add(Environment.CurrentManagedThreadId);
            output.Send("out", [(byte)result]);
            finish();
        }
    }

    [Fact]
    public void Sending_from_another_thread_is_refused()
    {
        Exception? refused = null;
        _runtime.Add("a", "in=camera:image", "out", (in OperatorEvent e, OutputSender output) =>
        {
            refused = Task.Run(() => Record.Exception(() => output.Send("out", [1]))).Result;
            return DoraStatus.Stop;
        });
        _runtime.Node.AddInput("a/in", 1);
        _runtime.Run();
        Assert.IsType<InvalidOperationException>(refused);
        Assert.Empty(_runtime.Node.Outputs["a/out"].Sent);
    }

    [Fact]
    public void Continuations_of_an_instance_that_failed_still_run_but_cannot_send()
    {
        Exception? refused = null;
        var resume = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var instances = 0;
        _runtime.Add("a", "in=camera:image", "out", () =>
        {
            var instance = ++instances;
            return new RuntimeUnderTest.HandlerOperator((in OperatorEvent e, OutputSender output) =>
            {
                if (instance == 1)
                {
                    Continue(output);
                    throw new InvalidOperationException("the first instance fails");
                }

                if (e.Kind == OperatorEventKind.Input)
                {
                    resume.SetResult();
                }

                return DoraStatus.Continue;
            });
        });
        _runtime.Node.AddInputs("a/in", 2);
        Assert.Equal(1, _runtime.Run().Restarts);
        Assert.IsType<InvalidOperationException>(refused);

        async void Continue(OutputSender output)
        {
            await resume.Task;
            refused = Record.Exception(() => output.Send("out", [1]));
            _runtime.Node.Close("a/in");
        }
    }

    [Fact]
    public void Samples_may_be_given_back_on_any_thread_and_continuations_after_the_end_do_no_harm()
    {
        var late = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _runtime.Add("a", "in=camera:image", "", (in OperatorEvent e, OutputSender _) =>
        {
            if (e.Kind == OperatorEventKind.Input)
            {
                var kept = e.Retain();
                Task.Run(kept.Dispose).Wait();
                Wait();
            }

            return DoraStatus.Continue;
        });
        _runtime.Node.AddInput("a/in", 1);
        _runtime.Node.Close("a/in");
        _runtime.Run();
        Assert.Equal(0, _runtime.Node.SamplesOut);
        late.SetResult(); // posts to a scheduler that has ended

        async void Wait() => await late.Task;
    }
}
