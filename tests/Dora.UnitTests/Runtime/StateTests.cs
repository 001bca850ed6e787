// SPDX-License-Identifier: Apache-2.0

using System.Text;
using Dora.Operators;
using Dora.Protocol.Messages;
using Dora.Runtime;
using Dora.Runtime.Port;
using StateView = Dora.Operators.OperatorState;

namespace Dora.UnitTests.Runtime;

/// <summary>What operators keep: committed with the event or not at all, before its outputs, and found again by the next instance.</summary>
public sealed class StateTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("dora-state-");
    private readonly string _run = Guid.NewGuid().ToString();

    public static TheoryData<StateDurability> Durabilities => [StateDurability.Memory, StateDurability.Disk, StateDurability.Sync];

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [MemberData(nameof(Durabilities))]
    public void A_new_instance_finds_what_the_last_good_event_saved(StateDurability durability)
    {
        var runtime = New();
        var restored = new List<RestoreInfo>();
        runtime.AddStateful("sum", "in=camera:image", "out", Config(durability), state => new Sum(state, restored) { ThrowsAt = [3, 5] });
        runtime.Node.AddInputs("sum/in", 8);
        runtime.Node.Close("sum/in");

        var result = runtime.Run();

        Assert.Equal(2, result.Restarts);
        Assert.Equal([0, 1, 3, 7, 13, 20], runtime.Node.Outputs["sum/out"].Numbers); // without 3 and 5, of which nothing is left
        Assert.Equal([RestoreReason.FirstStart, RestoreReason.OperatorFailed, RestoreReason.OperatorFailed], restored.Select(r => r.Reason));
        Assert.Equal([0, 1, 2], restored.Select(r => r.Incarnation));
        Assert.Equal(0, runtime.Node.SamplesOut);
    }

    [Theory]
    [MemberData(nameof(Durabilities))]
    public void The_next_process_of_the_run_goes_on_where_the_last_one_ended(StateDurability durability)
    {
        var restored = new List<RestoreInfo>();
        for (var process = 0; process < 2; process++)
        {
            var runtime = New();
            runtime.AddStateful("sum", "in=camera:image", "out", Config(durability), state => new Sum(state, restored));
            runtime.Node.AddInput("sum/in", BitConverter.GetBytes(10 + process));
            runtime.Node.Close("sum/in");
            runtime.Run();
            Assert.Equal([process == 0 ? 10 : 21], runtime.Node.Outputs["sum/out"].Numbers);
        }

        Assert.Equal([RestoreReason.FirstStart, RestoreReason.RuntimeRestarted], restored.Select(r => r.Reason));
        Assert.False(Directory.Exists(Kept)); // nothing outside the run's own folder
    }

    [Theory]
    [InlineData(StateDurability.Disk)]
    [InlineData(StateDurability.Sync)]
    public void A_kept_state_is_found_by_the_next_run_and_its_version_told(StateDurability durability)
    {
        var restored = new List<RestoreInfo>();
        for (uint run = 0; run < 3; run++)
        {
            var runtime = New(Guid.NewGuid().ToString());
            var config = Config(durability);
            (config.Keep, config.Version) = (true, 7 + run);
            runtime.AddStateful("sum", "in=camera:image", "out", config, state => new Sum(state, restored));
            if (run != 1)
            {
                runtime.Node.AddInput("sum/in", BitConverter.GetBytes(1));
            }

            runtime.Node.Close("sum/in");
            runtime.Run();
            Directory.CreateDirectory(RunFolder(runtime)).Delete(recursive: true); // as the daemon does
        }

        Assert.Equal([RestoreReason.FirstStart, RestoreReason.PreviousRun, RestoreReason.PreviousRun], restored.Select(r => r.Reason));
        Assert.Equal([7, 7, 7], restored.Select(r => r.Version)); // nobody committed with version 8
    }

    [Fact]
    public async Task A_kept_state_is_for_one_run_at_a_time()
    {
        var first = New();
        first.AddStateful("sum", "in=camera:image", "", Config(StateDurability.Disk, keep: true), state => new Sum(state, []) { Output = null });
        using var handled = new ManualResetEventSlim();
        using var go = new ManualResetEventSlim();
        first.Node.Idle = () =>
        {
            handled.Set();
            Assert.True(go.Wait(TimeSpan.FromSeconds(60)));
        };
        first.Node.AddInputs("sum/in", 1);
        first.Node.Close("sum/in");
        first.Node.Add(new PortEvent(PortEventKind.None));
        first.Add("idle", "in=other:image", "", (in OperatorEvent _, OutputSender _) => DoraStatus.Continue);
        var running = Task.Factory.StartNew(first.Run, TaskCreationOptions.LongRunning);
        Assert.True(handled.Wait(TimeSpan.FromSeconds(60)));
        try
        {
            var second = New(Guid.NewGuid().ToString());
            second.AddStateful("sum", "in=camera:image", "", Config(StateDurability.Disk, keep: true), state => new Sum(state, []));
            var e = Assert.Throws<OperatorLoadException>(second.Run);
            Assert.Contains("in use by another run", e.Message, StringComparison.Ordinal);
        }
        finally
        {
            first.Node.Idle = null;
            go.Set();
            first.Node.Close("idle/in");
        }

        await running.WaitAsync(TimeSpan.FromSeconds(60));
    }

    [Fact]
    public void Outputs_go_out_after_the_commit_and_in_their_order()
    {
        var runtime = New();
        StateView? view = null;
        var seen = new List<(int Sent, bool IsCommitted)>();
        runtime.AddStateful("first", "in=camera:image", "a b", Config(StateDurability.Memory), state => new Handling(state, (s, e, output) =>
        {
            if (e.Kind == OperatorEventKind.Input)
            {
                output.Send("a", e.Data);
                output.Forward("b", e);
                output.Send("a", 4, 100, static (span, value) => BitConverter.TryWriteBytes(span, value));
                s.Save("k", e.Data);
                seen.Add((runtime.Node.Outputs["first/a"].Sent.Count, false));
            }

            view = s;
        }));
        runtime.Add("second", "x=first/a y=first/b", "", (in OperatorEvent e, OutputSender unused) =>
        {
            if (e.Kind == OperatorEventKind.Input)
            {
                seen.Add((BitConverter.ToInt32(e.Data), view!.TryGet("k", out _)));
            }

            return DoraStatus.Continue;
        });
        runtime.Node.AddInput("first/in", BitConverter.GetBytes(5));
        runtime.Node.Close("first/in");
        runtime.Run();
        Assert.Equal([(0, false), (5, true), (5, true), (100, true)], seen);
        Assert.Equal([5, 100], runtime.Node.Outputs["first/a"].Numbers);
        Assert.Equal(0, runtime.Node.SamplesOut);
    }

    [Fact]
    public void A_failed_event_sends_nothing_and_saves_nothing()
    {
        var runtime = New();
        runtime.AddStateful("bad", "in=camera:image", "out", Config(StateDurability.Memory), state => new Handling(state, (s, e, output) =>
        {
            if (e.Kind != OperatorEventKind.Input)
            {
                return;
            }

            Assert.False(s.TryGet("k", out _));
            output.Forward("out", e);
            s.Save("k", [1]);
            Assert.True(s.TryGet("k", out _)); // it reads its own writes
            throw new InvalidOperationException("on purpose");
        }));
        runtime.Node.AddInputs("bad/in", 2);
        runtime.Node.Close("bad/in");
        Assert.Equal(2, runtime.Run().Restarts);
        Assert.Empty(runtime.Node.Outputs["bad/out"].Sent);
        Assert.Equal(0, runtime.Node.SamplesOut);
    }

    [Fact]
    public void A_state_that_is_full_refuses_with_a_typed_error_and_deleting_makes_room()
    {
        var runtime = New();
        var config = Config(StateDurability.Memory);
        config.MaxSize = 100;
        var checks = 0;
        runtime.AddStateful("op", "in=camera:image", "", config, state => new Handling(state, (s, e, _) =>
        {
            if (e.Kind != OperatorEventKind.Input)
            {
                return;
            }

            s.Save("a", new byte[60]);
            var full = Assert.Throws<StateSizeException>(() => s.Save("b", new byte[39]));
            Assert.Equal(("b", 101L, 100L), (full.Key, full.NeededBytes, full.SizeBytesMax));
            s.Save("b", new byte[38]);
            s.Save("b", new byte[10]);
            s.Save("a", new byte[88]);
            Assert.Equal(100, s.SizeBytes);
            Assert.True(s.Delete("a"));
            Assert.False(s.Delete("a"));
            Assert.Equal(11, s.SizeBytes);
            Assert.Equal(["b"], s.Keys);
            Assert.Throws<ArgumentException>(() => s.Save("", []));
            Assert.Throws<ArgumentException>(() => s.Save(new string('x', StateView.KeyBytesMax + 1), []));
            checks++;
        }));
        runtime.Node.AddInputs("op/in", 2);
        runtime.Node.Close("op/in");
        Assert.Equal(0, runtime.Run().Restarts);
        Assert.Equal(2, checks);
    }

    [Fact]
    public void State_is_written_only_while_an_event_is_handled_by_the_present_instance()
    {
        var runtime = New();
        StateView? old = null;
        var refused = 0;
        runtime.AddStateful("op", "in=camera:image", "", Config(StateDurability.Memory), state =>
        {
            Assert.Throws<InvalidOperationException>(() => state.Save("k", []));
            return new Handling(state, (s, e, _) =>
            {
                if (old is not null && !ReferenceEquals(old, s))
                {
                    Assert.Throws<InvalidOperationException>(() => old.Save("k", []));
                    refused++;
                }

                var elsewhere = Task.Run(() => Assert.Throws<InvalidOperationException>(() => s.Delete("k")));
                elsewhere.Wait();
                old = s;
                if (e.Kind == OperatorEventKind.Input)
                {
                    throw new InvalidOperationException("on purpose");
                }
            });
        });
        runtime.Node.AddInputs("op/in", 1);
        runtime.Node.Close("op/in");
        runtime.Run();
        Assert.NotEqual(0, refused);
    }

    [Fact]
    public void With_explicit_commits_only_those_are_permanent()
    {
        var runtime = New();
        var config = Config(StateDurability.Memory);
        config.ExplicitCommit = true;
        var starts = new List<int>();
        runtime.AddStateful("op", "in=camera:image", "", config, state =>
        {
            var count = state.Value<int>("count");
            starts.Add(count.Value);
            return new Handling(state, (s, e, _) =>
            {
                if (e.Kind != OperatorEventKind.Input)
                {
                    return;
                }

                count.Value++;
                if (BitConverter.ToInt32(e.Data) is 3)
                {
                    s.Commit();
                }

                if (BitConverter.ToInt32(e.Data) is 6)
                {
                    throw new InvalidOperationException("on purpose");
                }
            });
        });
        runtime.Node.AddInputs("op/in", 8);
        runtime.Node.Close("op/in");
        runtime.Run();
        Assert.Equal([0, 4], starts);
    }

    [Fact]
    public void An_operator_that_wants_to_be_told_gets_all_that_is_whole_and_the_names_of_what_is_not()
    {
        var runtime = New();
        var told = new List<(Dictionary<string, string> State, RestoreInfo Info)>();
        runtime.AddStateful("op", "in=camera:image", "", Config(StateDurability.Memory), state => new Told(state, told));
        runtime.Node.AddInputs("op/in", 1);
        runtime.Node.Close("op/in");
        runtime.Run();
        Assert.Empty(told); // there was nothing to tell

        Damage("op\0sb");
        runtime = New();
        runtime.AddStateful("op", "in=camera:image", "", Config(StateDurability.Memory), state => new Told(state, told));
        runtime.Node.Close("op/in");
        runtime.Run();
        var (found, info) = Assert.Single(told);
        Assert.Equal(new Dictionary<string, string> { ["a"] = "one" }, found);
        Assert.Equal(["b"], info.DamagedKeys);
        Assert.Contains(runtime.Node.Logs, l => l.Level == LogLevel.Error && l.Message.EndsWith("missing: b", StringComparison.Ordinal));
    }

    [Fact]
    public void A_message_comes_once_more_to_the_next_instance_and_then_is_skipped()
    {
        var runtime = New();
        var config = Config(StateDurability.Memory);
        config.Redeliver = true;
        var got = new List<(int Number, bool Again)>();
        runtime.AddStateful("op", "in=camera:image", "out", config, state => new Handling(state, (s, e, output) =>
        {
            if (e.Kind != OperatorEventKind.Input)
            {
                return;
            }

            var number = BitConverter.ToInt32(e.Data);
            got.Add((number, e.Parameters.ContainsKey("redelivered")));
            output.Forward("out", e);
            s.Save("last", e.Data);
            if (number == 2 || (number == 4 && got.Count(g => g.Number == 4) == 1))
            {
                throw new InvalidOperationException("on purpose");
            }
        }));
        runtime.Node.AddInputs("op/in", 6);
        runtime.Node.Close("op/in");
        Assert.Equal(3, runtime.Run().Restarts);
        Assert.Equal([(0, false), (1, false), (2, false), (2, true), (3, false), (4, false), (4, true), (5, false)], got);
        Assert.Equal([0, 1, 3, 4, 5], runtime.Node.Outputs["op/out"].Numbers);
    }

    [Theory]
    [InlineData(StateDurability.Memory)]
    [InlineData(StateDurability.Sync)]
    public void A_message_that_a_process_died_of_comes_once_more_to_the_next_process_and_not_to_the_one_after_that(StateDurability durability)
    {
        var config = Config(durability);
        config.Redeliver = true;
        var got = new List<string>();
        for (var process = 0; process < 3; process++)
        {
            var runtime = New();
            runtime.AddStateful("op", "in=camera:image", "", config, state => new Handling(state, (_, e, _) =>
            {
                if (e.Kind == OperatorEventKind.Input)
                {
                    got.Add($"{process}: {BitConverter.ToInt32(e.Data)}{(e.Parameters.ContainsKey("redelivered") ? " again" : "")}");
                    CopyRun(runtime); // the files as they are now are what a killed process leaves
                }
            }));
            if (process == 0)
            {
                runtime.Node.AddInput("op/in", BitConverter.GetBytes(42));
            }

            runtime.Node.Close("op/in");
            runtime.Run();
            PutBackRun(runtime);
        }

        Assert.Equal(["0: 42", "1: 42 again"], got);
    }

    [Fact]
    public void An_operator_that_fails_twice_in_a_row_starts_from_nothing_if_asked_to()
    {
        var runtime = New();
        var config = Config(StateDurability.Memory);
        config.OnPoison = PoisonPolicy.ResetState;
        var restored = new List<(RestoreReason Reason, int Count)>();
        runtime.AddStateful("op", "in=camera:image", "", config, state =>
        {
            var count = state.Value<int>("count");
            restored.Add((state.Restored.Reason, count.Value));
            return new Handling(state, (_, e, _) =>
            {
                if (e.Kind == OperatorEventKind.Input && ++count.Value > 3)
                {
                    throw new InvalidOperationException("cannot count that far");
                }
            });
        });
        runtime.Node.AddInputs("op/in", 7);
        runtime.Node.Close("op/in");
        Assert.Equal(2, runtime.Run().Restarts);
        Assert.Equal([(RestoreReason.FirstStart, 0), (RestoreReason.OperatorFailed, 3), (RestoreReason.Reset, 0)], restored);
    }

    [Fact]
    public void An_operator_that_fails_twice_in_a_row_has_failed_for_good_if_asked_to()
    {
        var runtime = New();
        var config = Config(StateDurability.Memory);
        config.OnPoison = PoisonPolicy.Fail;
        runtime.AddStateful("op", "in=camera:image", "", config, state => new Handling(state, (_, e, _) => throw new InvalidOperationException("always")));
        runtime.Node.AddInputs("op/in", 7);
        runtime.Node.Close("op/in");
        var result = runtime.Run();
        Assert.Equal((1, "op"), (result.Restarts, Assert.Single(result.FailedOperators)));
        Assert.Contains(runtime.Node.Logs, l => l.Message.Contains("on_poison: fail", StringComparison.Ordinal));
    }

    [Fact]
    public void A_state_that_a_constructor_cannot_read_is_emptied_if_asked_to()
    {
        var config = Config(StateDurability.Memory);
        config.OnPoison = PoisonPolicy.ResetState;
        var runtime = New();
        runtime.AddStateful("op", "in=camera:image", "", config, state => new Handling(state, (s, _, _) => s.Save("count", [1, 2, 3])));
        runtime.Node.AddInputs("op/in", 1);
        runtime.Node.Close("op/in");
        runtime.Run();

        var reasons = new List<RestoreReason>();
        runtime = New();
        runtime.AddStateful("op", "in=camera:image", "", config, state =>
        {
            reasons.Add(state.Restored.Reason);
            state.Value<long>("count");
            return new Handling(state, (_, _, _) => { });
        });
        runtime.Node.Close("op/in");
        Assert.Empty(runtime.Run().FailedOperators);
        Assert.Equal([RestoreReason.RuntimeRestarted, RestoreReason.RuntimeRestarted, RestoreReason.Reset], reasons);
    }

    [Fact]
    public void What_is_awaited_commits_like_an_event_of_its_own()
    {
        var runtime = New();
        var runs = new List<int>();
        runtime.AddStateful("op", "in=camera:image", "out", Config(StateDurability.Memory), state => new Awaiting(state, runs));
        runtime.Node.AddInputs("op/in", 3);
        runtime.Node.Close("op/in");
        Assert.Equal(1, runtime.Run().Restarts);
        Assert.Equal([0, 12], runs); // two events, and one continuation: the second of those failed
    }

    [Fact]
    public void Operators_without_state_hold_nothing_back()
    {
        var runtime = New();
        runtime.Add("op", "in=camera:image", "out", (in OperatorEvent e, OutputSender output) =>
        {
            if (e.Kind == OperatorEventKind.Input)
            {
                output.Send("out", e.Data);
                Assert.Single(runtime.Node.Outputs["op/out"].Sent);
            }

            return DoraStatus.Continue;
        });
        runtime.Node.AddInputs("op/in", 1);
        runtime.Node.Close("op/in");
        Assert.Equal(0, runtime.Run().Restarts);
        Assert.False(Directory.Exists(RunFolder(runtime)));
    }

    private string Kept => Path.Combine(_folder.FullName, "kept");

    private static StateConfig Config(StateDurability durability, bool keep = false) => new()
    {
        Durability = durability,
        MaxSize = 1 << 20,
        Version = 1,
        OnPoison = PoisonPolicy.Skip,
        Keep = keep,
    };

    private static string RunFolder(RuntimeUnderTest runtime) => runtime.Node.Config.StateDirectory;

    private RuntimeUnderTest New(string? run = null)
    {
        var runtime = new RuntimeUnderTest();
        runtime.Node.Config.DataflowId = run ?? _run;
        runtime.Node.Config.StateDirectory = Path.Combine(_folder.FullName, runtime.Node.Config.DataflowId);
        runtime.Node.Config.KeptStateDirectory = Kept;
        return runtime;
    }

    private void CopyRun(RuntimeUnderTest runtime)
    {
        var copy = Directory.CreateDirectory(Path.Combine(_folder.FullName, "copy"));
        foreach (var file in Directory.GetFiles(RunFolder(runtime)))
        {
            File.Copy(file, Path.Combine(copy.FullName, Path.GetFileName(file)), overwrite: true);
        }
    }

    private void PutBackRun(RuntimeUnderTest runtime)
    {
        var copy = Path.Combine(_folder.FullName, "copy");
        if (Directory.Exists(copy))
        {
            Directory.Delete(RunFolder(runtime), recursive: true);
            Directory.Move(copy, RunFolder(runtime));
        }
    }

    private void Damage(string key)
    {
        using var store = Storage.LmdbStore.Open(Path.Combine(_folder.FullName, _run, "memory"), new Storage.StoreOptions());
        var batch = new Storage.WriteBatch();
        batch.Put(Encoding.UTF8.GetBytes(key), [1, 2, 3, 4, 5, 6, 7]);
        store.Commit(batch);
    }

    private sealed class Sum : IOperator
    {
        private readonly IState<int> _sum;

        public Sum(StateView state, List<RestoreInfo> restored)
        {
            _sum = state.Value<int>("sum");
            restored.Add(state.Restored);
        }

        public int[] ThrowsAt { get; init; } = [];
        public string? Output { get; init; } = "out";

        public DoraStatus OnEvent(in OperatorEvent e, OutputSender output)
        {
            if (e.Kind == OperatorEventKind.Input)
            {
                var number = BitConverter.ToInt32(e.Data);
                _sum.Value += number;
                if (Output is not null)
                {
                    output.Send(Output, BitConverter.GetBytes(_sum.Value));
                }

                if (ThrowsAt.Contains(number))
                {
                    throw new InvalidOperationException("on purpose");
                }
            }

            return DoraStatus.Continue;
        }
    }

    private delegate void Handle(StateView state, OperatorEvent e, OutputSender output);

    private sealed class Handling(StateView state, Handle handle) : IOperator
    {
        public DoraStatus OnEvent(in OperatorEvent e, OutputSender output)
        {
            handle(state, e, output);
            return DoraStatus.Continue;
        }
    }

    private sealed class Told(StateView state, List<(Dictionary<string, string> State, RestoreInfo Info)> told) : IStatefulOperator
    {
        public DoraStatus OnEvent(in OperatorEvent e, OutputSender output)
        {
            if (e.Kind == OperatorEventKind.Input)
            {
                state.Save("a", "one"u8);
                state.Save("b", "two"u8);
            }

            return DoraStatus.Continue;
        }

        public void RestoreState(IReadOnlyDictionary<string, ReadOnlyMemory<byte>> state, RestoreInfo info) =>
            told.Add((state.ToDictionary(entry => entry.Key, entry => Encoding.UTF8.GetString(entry.Value.Span)), info));
    }

    private sealed class Awaiting : IOperator
    {
        private readonly IState<int> _value;
        private int _continued;

        public Awaiting(StateView state, List<int> runs)
        {
            _value = state.Value<int>("value");
            runs.Add(_value.Value);
        }

        public DoraStatus OnEvent(in OperatorEvent e, OutputSender output)
        {
            if (e.Kind == OperatorEventKind.Input && BitConverter.ToInt32(e.Data) < 2)
            {
                Work();
            }

            return DoraStatus.Continue;
        }

        private async void Work()
        {
            _value.Value++;
            await Task.Yield();
            _value.Value += 10;
            if (++_continued == 2)
            {
                throw new InvalidOperationException("on purpose");
            }
        }
    }
}
