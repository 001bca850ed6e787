// SPDX-License-Identifier: Apache-2.0

using System.Text;
using Dora.Operators;
using Dora.Protocol;
using Dora.Protocol.Messages;
using Dora.Runtime;
using Dora.Runtime.Host.Wasm;
using WasmLimits = Dora.Protocol.Messages.WasmLimits;

namespace Dora.UnitTests.Runtime;

/// <summary>Operators in WebAssembly, written in its text format so that no compiler is needed.</summary>
public sealed class WasmOperatorTests : IDisposable
{
    private const string Version = """(func (export "dora_abi_version") (result i32) (i32.const 1))""";
    private const string Alloc = """(func (export "dora_alloc") (param i32) (result i32) (i32.const 4096))""";
    private const string Memory = """(memory (export "memory") 4) (data (i32.const 0) "data")(data (i32.const 16) "key")(data (i32.const 32) "\ff\fe")""";
    private const string Imports = """
        (import "dora" "send_output" (func $send (param i32 i32 i32 i32)))
        (import "dora" "forward_input" (func $forward (param i32 i32)))
        (import "dora" "timestamp" (func $timestamp (result i64)))
        (import "dora" "log" (func $log (param i32 i32 i32)))
        (import "dora" "set_error" (func $error (param i32 i32)))
        (import "dora" "parameter_count" (func $count (result i32)))
        (import "dora" "parameter_key" (func $key (param i32 i32 i32) (result i32)))
        (import "dora" "parameter_kind" (func $kind_of (param i32 i32) (result i32)))
        (import "dora" "parameter_get" (func $get (param i32 i32 i32 i32 i32) (result i32)))
        (import "dora" "parameter_set" (func $set (param i32 i32 i32 i32 i32)))
        (import "dora" "parameters_copy" (func $copy))
        (import "dora" "state_get" (func $state_get (param i32 i32 i32 i32) (result i32)))
        (import "dora" "state_set" (func $state_set (param i32 i32 i32 i32)))
        (import "dora" "state_delete" (func $state_delete (param i32 i32) (result i32)))
        (import "dora" "state_commit" (func $state_commit))
        (import "dora" "state_reason" (func $state_reason (result i32)))
        (import "dora" "state_version" (func $state_version (result i32)))
        """;

    private readonly string _folder = Directory.CreateTempSubdirectory("dora-wasm-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void Data_and_parameters_pass_through_a_module()
    {
        // Everything that was received, its key's value with another kind asked for first, then all of the parameters and one more.
        var op = Create("""
            (i32.store (i32.const 100) (call $get (i32.const 16) (i32.const 3) (i32.const 3) (i32.const 200) (i32.const 8)))
            (i32.store (i32.const 104) (call $get (i32.const 16) (i32.const 3) (i32.const 2) (i32.const 112) (i32.const 8)))
            (i32.store (i32.const 108) (call $kind_of (i32.const 0) (i32.const 4)))
            (i64.store (i32.const 120) (call $timestamp))
            (i32.store (i32.const 128) (call $count))
            (i32.store (i32.const 132) (call $key (i32.const 0) (i32.const 136) (i32.const 4)))
            (call $copy)
            (call $set (i32.const 0) (i32.const 4) (i32.const 4) (i32.const 16) (i32.const 3))
            (call $send (i32.const 0) (i32.const 4) (local.get $data) (local.get $length))
            (call $send (i32.const 0) (i32.const 4) (i32.const 100) (i32.const 40))
            (i32.const 1)
            """);
        var sent = new Recorder();
        var parameters = new MetadataParameters { ["key"] = 42L, ["other"] = new[] { "a", "bc" } };

        Assert.Equal(DoraStatus.Stop, op.OnEvent(OperatorEvent.ForInput("in", Encoding.UTF8.GetBytes("größer"), parameters, 77), sent));

        Assert.Equal("größer", Encoding.UTF8.GetString(sent.Messages[0].Data));
        Assert.Equal([("key", 42L), ("other", new[] { "a", "bc" }), ("data", "key")], sent.Messages[0].Parameters!.Select(p => (p.Key, p.Value)));
        Assert.Null(sent.Messages[1].Parameters); // they are of one message only
        var seen = sent.Messages[1].Data;
        Assert.Equal(WasmParameters.OtherKind, BitConverter.ToInt32(seen, 0));
        Assert.Equal(8, BitConverter.ToInt32(seen, 4));
        Assert.Equal(0, BitConverter.ToInt32(seen, 8)); // there is no parameter 'data'
        Assert.Equal(42, BitConverter.ToInt64(seen, 12));
        Assert.Equal(77, BitConverter.ToInt64(seen, 20));
        Assert.Equal(2, BitConverter.ToInt32(seen, 28));
        Assert.Equal(3, BitConverter.ToInt32(seen, 32));
        Assert.Equal("key", Encoding.UTF8.GetString(seen, 36, 3));
    }

    [Fact]
    public void Parameters_of_every_kind_come_back_as_they_were()
    {
        ParameterValue[] values =
        [
            true, -5L, 0.5, "größer", Array.Empty<long>(), new[] { 1L, -2L }, new[] { 0.5, 2.0 }, new[] { "", "ü", "abc" },
            Array.Empty<string>(), ParameterValue.FromTimestampNs(ulong.MaxValue),
        ];
        foreach (var value in values)
            Assert.Equal(value, WasmParameters.Value("key", WasmParameters.NumberOf(value.Kind), WasmParameters.Bytes(value)));
    }

    [Theory]
    [InlineData("(unreachable)", "it gave up (the instruction 'unreachable', as after a panic or an abort), in function 'work'")]
    [InlineData("(loop $again (br $again)) (i32.const 0)", "it did not return within 0.05 s ('timeout'), in function 'work'")]
    [InlineData("(i32.div_s (i32.const 1) (i32.const 0))", "it divided by zero, in function 'work'")]
    [InlineData("(i32.load (i32.const -4))", "it used memory beyond the 262144 bytes that it has, in function 'work'")]
    [InlineData("(call $work (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0) (i32.const 0))", "its stack overflowed, in function 'work'")]
    [InlineData("(i32.const 7)", "dora_on_event returned 7; there are 0 (continue), 1 (stop), 2 (stop all), and 3 (error) with a text from set_error")]
    [InlineData("(call $error (i32.const 0) (i32.const 4)) (i32.const 3)", "data")]
    [InlineData("(loop $again (br_if $again (i32.ge_s (memory.grow (i32.const 1)) (i32.const 0)))) (unreachable)",
        "it gave up (the instruction 'unreachable', as after a panic or an abort); its memory has grown to its limit of 1048576 bytes ('memory'), in function 'work'")]
    [InlineData("(call $send (i32.const 0) (i32.const 4) (i32.const 262140) (i32.const 5)) (i32.const 0)",
        "the data for send_output: 5 bytes at address 262140 do not lie in its memory of 262144 bytes, in function 'work'")]
    [InlineData("(call $send (i32.const 0) (i32.const 4) (i32.const -1) (i32.const -1)) (i32.const 0)",
        "the data for send_output: 4294967295 bytes at address 4294967295 do not lie in its memory of 262144 bytes, in function 'work'")]
    [InlineData("(call $send (i32.const -8) (i32.const 4) (i32.const 0) (i32.const 0)) (i32.const 0)",
        "the output's id: 4 bytes at address 4294967288 do not lie in its memory of 262144 bytes, in function 'work'")]
    [InlineData("(call $log (i32.const 9) (i32.const 0) (i32.const 4)) (i32.const 0)", "log: there is no level 9; 0 is error, 4 is trace, in function 'work'")]
    [InlineData("(call $set (i32.const 16) (i32.const 3) (i32.const 2) (i32.const 0) (i32.const 4)) (i32.const 0)",
        "parameter 'key' cannot be set: 4 bytes are no value of kind 2, in function 'work'")]
    [InlineData("(call $set (i32.const 16) (i32.const 3) (i32.const 99) (i32.const 0) (i32.const 4)) (i32.const 0)",
        "parameter 'key' cannot be set: 4 bytes are no value of kind 99, in function 'work'")]
    [InlineData("(call $set (i32.const 16) (i32.const 3) (i32.const 7) (i32.const 0) (i32.const 4)) (i32.const 0)",
        "parameter 'key' cannot be set: a text of the list is longer than the list, in function 'work'")]
    [InlineData("(call $set (i32.const 32) (i32.const 2) (i32.const 4) (i32.const 0) (i32.const 4)) (i32.const 0)",
        "a parameter's key is no UTF-8 text, in function 'work'")]
    [InlineData("(call $get (i32.const 16) (i32.const 3) (i32.const 2) (i32.const 262140) (i32.const 8))",
        "the buffer for a parameter: 8 bytes at address 262140 do not lie in its memory of 262144 bytes, in function 'work'")]
    public void What_an_operator_does_wrong_ends_it_with_a_sentence_that_says_what_and_where(string body, string message)
    {
        var op = Create(body, new WasmLimits { MemoryBytesMax = 1 << 20, TimeoutNs = 50_000_000 });
        var parameters = new MetadataParameters { ["key"] = 42L };

        var failure = Assert.Throws<WasmOperatorException>(() => op.OnEvent(OperatorEvent.ForInput("in", "x"u8, parameters), new Recorder()));

        Assert.Equal(message, failure.Message);
        Assert.Throws<ObjectDisposedException>(() => op.OnEvent(OperatorEvent.ForInput("in", "x"u8), new Recorder())); // the store is gone
        ((IDisposable)op).Dispose();
    }

    [Fact]
    public void An_operator_with_fuel_is_interrupted_when_it_is_used_up_and_gets_it_anew_for_each_event()
    {
        var limits = new WasmLimits { MemoryBytesMax = 1 << 20, TimeoutNs = 3_600_000_000_000, Fuel = 10_000 };
        var loops = Create("(loop $again (br $again)) (i32.const 0)", limits);
        var failure = Assert.Throws<WasmOperatorException>(() => loops.OnEvent(OperatorEvent.ForInput("in", "x"u8), new Recorder()));
        Assert.Equal("it used up its 10000 instructions for one event ('fuel'), in function 'work'", failure.Message);

        var works = Create("(local.set $i (i32.const 1000)) (loop $again (br_if $again (local.tee $i (i32.sub (local.get $i) (i32.const 1))))) (i32.const 0)", limits);
        for (var i = 0; i < 100; i++)
            Assert.Equal(DoraStatus.Continue, works.OnEvent(OperatorEvent.ForInput("in", "x"u8), new Recorder()));
    }

    [Theory]
    [InlineData("not a module", "is no WebAssembly module that can be used: ")]
    [InlineData("(module)", "cannot be used: it does not export its memory under the name 'memory'")]
    [InlineData("(module " + Memory + Version + Alloc + ")",
        "cannot be used: it does not export 'dora_on_event'; an operator exports memory, dora_abi_version, dora_alloc, dora_on_event")]
    [InlineData("(module " + Memory + Version + """(func (export "dora_alloc") (param i64) (result i32) (i32.const 0)))""",
        "cannot be used: its 'dora_alloc' is of type (i64) -> (i32), but dora's is (i32) -> (i32)")]
    [InlineData("""(module (import "wasi_snapshot_preview1" "fd_write" (func (param i32 i32 i32 i32) (result i32))))""",
        "cannot be used: it imports 'wasi_snapshot_preview1.fd_write', but operators get no access to files, clocks or the network; build it without WASI")]
    [InlineData("""(module (import "dora" "launch" (func)))""", "cannot be used: it imports 'dora.launch', which this dora does not have; from 'dora' there are send_output,")]
    [InlineData("""(module (import "env" "memory" (memory 1)))""", "cannot be used: it imports 'env.memory', which this dora does not have")]
    [InlineData("""(module (import "dora" "log" (func (param i32))))""",
        "cannot be used: its import 'dora.log' is of type (i32) -> (), but dora's is (i32, i32, i32) -> ()")]
    [InlineData("""(module (memory (export "memory") 1) (func (export "dora_abi_version") (result i32) (i32.const 2)) """ + Alloc
        + """(func (export "dora_on_event") (param i32 i32 i32 i32 i32) (result i32) (i32.const 0)))""",
        "cannot be used: it was made for version 2 of dora's interface, and this dora has version 1; compile it with this dora's headers")]
    [InlineData("""(module (memory (export "memory") 2000) """ + Version + Alloc + """(func (export "dora_on_event") (param i32 i32 i32 i32 i32) (result i32) (i32.const 0)))""",
        "cannot be used: ")] // more memory than the limit
    [InlineData("""(module (memory (export "memory") 1) """ + Version + Alloc
        + """(func (export "dora_on_event") (param i32 i32 i32 i32 i32) (result i32) (i32.const 0)) (func $start (loop $again (br $again))) (start $start))""",
        "cannot be used: it did not return within 1 s ('timeout'), in function 'start'")]
    public void What_is_no_operator_is_refused_with_the_reason(string module, string problem)
    {
        var path = Write(module);
        var refusal = Assert.Throws<OperatorLoadException>(() => WasmOperatorFactory.Load(Config(path, null)));
        Assert.StartsWith($"operator 'op': '{path}' {problem}", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_a_module_keeps_is_there_for_the_next_instance()
    {
        // Counts under 'key' in its state, and sends the count, why it was made, and what is under 'data', which is nothing.
        var factory = Load("""
            (drop (call $state_get (i32.const 16) (i32.const 3) (i32.const 100) (i32.const 4)))
            (i32.store (i32.const 100) (i32.add (i32.load (i32.const 100)) (i32.const 1)))
            (i32.store (i32.const 104) (call $state_reason))
            (i32.store (i32.const 108) (call $state_get (i32.const 0) (i32.const 4) (i32.const 0) (i32.const 0)))
            (i32.store (i32.const 112) (call $state_delete (i32.const 0) (i32.const 4)))
            (i32.store (i32.const 116) (call $state_version))
            (call $state_set (i32.const 16) (i32.const 3) (i32.const 100) (i32.const 4))
            (call $state_commit)
            (call $send (i32.const 0) (i32.const 4) (i32.const 100) (i32.const 20))
            (i32.const 0)
            """);
        var sent = new Recorder();
        MemoryOperatorState state = new() { Info = new RestoreInfo { Version = 3 } };
        var first = factory.Create(state);
        first.OnEvent(OperatorEvent.ForInput("in", ""u8), sent);
        first.OnEvent(OperatorEvent.ForInput("in", ""u8), sent);
        state.Info = new RestoreInfo { Reason = RestoreReason.OperatorFailed, Version = 3 };
        factory.Create(state).OnEvent(OperatorEvent.ForInput("in", ""u8), sent);

        Assert.Equal([1, 2, 3], sent.Messages.Select(m => BitConverter.ToInt32(m.Data, 0)));
        Assert.Equal([0, 0, 1], sent.Messages.Select(m => BitConverter.ToInt32(m.Data, 4)));
        Assert.All(sent.Messages, m => Assert.Equal((WasmParameters.Absent, 0, 3), (BitConverter.ToInt32(m.Data, 8), BitConverter.ToInt32(m.Data, 12), BitConverter.ToInt32(m.Data, 16))));
        Assert.Equal(3, state.Commits);

        state.BytesMax = 1;
        var full = Assert.Throws<WasmOperatorException>(() => factory.Create(state).OnEvent(OperatorEvent.ForInput("in", ""u8), sent));
        Assert.Equal("the state has no room for 'key': it would have 7 bytes, and 'max_size' is 1, in function 'work'", full.Message);
        var none = Assert.Throws<WasmOperatorException>(() => factory.Create().OnEvent(OperatorEvent.ForInput("in", ""u8), sent));
        Assert.Equal("the descriptor gives the operator no state; add 'state: {}' to it, in function 'work'", none.Message);
    }

    [Fact]
    public void A_file_that_is_not_there_is_named()
    {
        var path = Path.Combine(_folder, "missing.wasm");
        Assert.Equal(
            $"operator 'op': there is no file '{path}'; build the operator first, or correct its path",
            Assert.Throws<OperatorLoadException>(() => WasmOperatorFactory.Load(Config(path, null))).Message);
    }

    [Fact]
    public void An_operator_is_initialised_once_and_dropped_unless_it_failed()
    {
        var state = """
            (global $g (mut i32) (i32.const 0))
            (func (export "_initialize") (global.set $g (i32.const 5)))
            (func (export "dora_init") (result i32) (global.set $g (i32.mul (global.get $g) (i32.const 10))) (i32.const 0))
            (func (export "dora_drop") (call $log (i32.const 2) (i32.const 0) (i32.const 4)) (unreachable))
            """;
        var body = "(i32.store (i32.const 100) (global.get $g)) (call $send (i32.const 0) (i32.const 4) (i32.const 100) (i32.const 4)) (i32.const 0)";
        var op = Create(body, null, state);
        var sent = new Recorder();
        op.OnEvent(OperatorEvent.ForInput("in", ""u8), sent);
        Assert.Equal(50, BitConverter.ToInt32(sent.Messages[0].Data));
        Assert.Throws<WasmOperatorException>(((IDisposable)op).Dispose); // dora_drop ran
        ((IDisposable)op).Dispose();

        var failed = Create("(unreachable)", null, state);
        Assert.Throws<WasmOperatorException>(() => failed.OnEvent(OperatorEvent.ForInput("in", ""u8), sent));
        ((IDisposable)failed).Dispose();

        var refuses = Assert.Throws<WasmOperatorException>(() => Create(
            "(i32.const 0)", null, """(func (export "dora_init") (result i32) (call $error (i32.const 0) (i32.const 4)) (i32.const 1))"""));
        Assert.Equal("data", refuses.Message);
    }

    [Fact]
    public void Events_of_all_sizes_arrive_whole_and_ask_for_memory_only_when_they_grow()
    {
        // Grows its memory as it is asked to, and counts how often that is.
        var op = Create(
            "(i32.store (i32.const 100) (global.get $asked)) (call $send (i32.const 0) (i32.const 4) (local.get $data) (local.get $length)) "
            + "(call $send (i32.const 0) (i32.const 4) (i32.const 100) (i32.const 4)) (i32.const 0)",
            null,
            """
            (global $asked (mut i32) (i32.const 0))
            (func (export "dora_alloc") (param $n i32) (result i32)
              (global.set $asked (i32.add (global.get $asked) (i32.const 1)))
              (drop (memory.grow (i32.div_u (local.get $n) (i32.const 65536))))
              (i32.const 4096))
            """,
            alloc: "");
        var sent = new Recorder();
        var data = new byte[5_000_000];
        new Random(1).NextBytes(data);
        foreach (var length in new[] { 0, 1, 200, 100, 5_000_000, 4_999_999, 16, 5_000_000 })
        {
            op.OnEvent(OperatorEvent.ForInput("in", data.AsSpan(0, length)), sent);
            Assert.True(data.AsSpan(0, length).SequenceEqual(sent.Messages[^2].Data));
        }

        Assert.Equal(2, BitConverter.ToInt32(sent.Messages[^1].Data));
    }

    [Theory]
    [InlineData("(i32.const 0)", "dora_alloc has no 256 bytes for an event; its limit is 67108864 bytes ('memory')")]
    [InlineData("(i32.const -16)", "dora_alloc returned 4294967280, where no 256 bytes lie in its memory of 262144 bytes, or not aligned to 16")]
    [InlineData("(i32.const 4097)", "dora_alloc returned 4097, where no 256 bytes lie in its memory of 262144 bytes, or not aligned to 16")]
    public void Memory_for_events_that_is_none_ends_the_operator(string alloc, string message)
    {
        var op = Create("(i32.const 0)", null, $"""(func (export "dora_alloc") (param i32) (result i32) {alloc})""", alloc: "");
        Assert.Equal(message, Assert.Throws<WasmOperatorException>(() => op.OnEvent(OperatorEvent.ForInput("in", "x"u8), new Recorder())).Message);
    }

    [Fact]
    public void A_trap_restarts_its_operator_only_and_samples_are_forwarded_by_reference()
    {
        var factory = Load("""
            (if (i32.and (i32.eq (local.get $kind) (i32.const 1)) (i32.eq (local.get $length) (i32.const 3))) (then (unreachable)))
            (if (i32.eq (local.get $kind) (i32.const 1)) (then (call $forward (i32.const 0) (i32.const 4))))
            (i32.const 0)
            """);
        var test = new RuntimeUnderTest();
        List<string> received = [];
        var seen = 0;
        test.Add("wasm", "in=camera:image", "data", factory.Create, lossless: true)
            .Add("sharp", "in=wasm/data", "", (in OperatorEvent e, OutputSender _) =>
            {
                if (e.Kind == OperatorEventKind.Input)
                    received.Add(Encoding.UTF8.GetString(e.Data));
                return DoraStatus.Continue;
            })
            .Add("other", "in=camera:image", "", (in OperatorEvent e, OutputSender _) =>
            {
                seen += e.Kind == OperatorEventKind.Input ? 1 : 0;
                return DoraStatus.Continue;
            });
        foreach (var text in new[] { "one!", "two", "three" })
        {
            test.Node.AddInput("wasm/in", Encoding.UTF8.GetBytes(text));
            test.Node.AddInput("other/in", Encoding.UTF8.GetBytes(text));
        }

        test.Node.Close("wasm/in", "other/in");
        var result = test.Run();

        Assert.Equal(["one!", "three"], received);
        Assert.Equal(3, seen);
        Assert.Equal(1, result.Restarts);
        Assert.Empty(result.FailedOperators);
    }

    [Fact]
    public void A_changed_module_is_used_after_a_reload_and_a_broken_one_is_not()
    {
        var path = Write(Module("(i32.const 0)"));
        var factory = WasmOperatorFactory.Load(Config(path, null));
        var old = factory.Create();
        File.WriteAllText(path, Module("(i32.const 1)"));
        factory.Reload();
        Assert.Equal(DoraStatus.Stop, factory.Create().OnEvent(OperatorEvent.ForInput("in", ""u8), new Recorder()));
        Assert.Equal(DoraStatus.Continue, old.OnEvent(OperatorEvent.ForInput("in", ""u8), new Recorder()));
        File.WriteAllText(path, "(module)");
        Assert.Throws<OperatorLoadException>(() => factory.Reload());
        Assert.Equal(DoraStatus.Stop, factory.Create().OnEvent(OperatorEvent.ForInput("in", ""u8), new Recorder()));
    }

    private static string Module(string body, string more = "", string alloc = Alloc) => $"""
        (module {Imports} {Memory} {Version} {alloc} {more}
          (func $work (param $kind i32) (param $id i32) (param $id_length i32) (param $data i32) (param $length i32) (result i32) (local $i i32)
            {body})
          (export "dora_on_event" (func $work)))
        """;

    private static OperatorConfig Config(string path, WasmLimits? limits) =>
        new() { OperatorId = "op", Kind = "wasm", Source = path, Wasm = limits };

    private string Write(string module)
    {
        var path = Path.Combine(_folder, $"{Guid.NewGuid():N}.wat");
        File.WriteAllText(path, module);
        return path;
    }

    private WasmOperatorFactory Load(string body, WasmLimits? limits = null, string more = "", string alloc = Alloc) =>
        WasmOperatorFactory.Load(Config(Write(Module(body, more, alloc)), limits));

    private IOperator Create(string body, WasmLimits? limits = null, string more = "", string alloc = Alloc) => Load(body, limits, more, alloc).Create();

    private sealed class Recorder : OutputSender
    {
        public List<(string Id, byte[] Data, MetadataParameters? Parameters)> Messages { get; } = [];

        public override void Send(string id, Apache.Arrow.IArrowArray array, MetadataParameters? parameters = null) => throw new NotSupportedException();

        public override void Send(string id, ReadOnlySpan<byte> data, MetadataParameters? parameters = null) => Messages.Add((id, data.ToArray(), parameters));

        public override void Send<TState>(
            string id, int length, TState state, System.Buffers.SpanAction<byte, TState> write, MetadataParameters? parameters = null) => throw new NotSupportedException();

        public override void Forward(string id, in OperatorEvent input, MetadataParameters? parameters = null) => throw new NotSupportedException();

        public override void Forward(string id, RetainedSample sample, MetadataParameters? parameters = null) => throw new NotSupportedException();
    }
}
