// SPDX-License-Identifier: Apache-2.0

using Dora.IntegrationTests.Faults;

namespace Dora.IntegrationTests.Languages;

/// <summary>State of operators in other languages than C#.</summary>
[Collection(LanguageCollection.Name)]
public sealed class StateTests
{
    [Fact]
    public async Task An_operator_in_C_goes_on_with_its_state_after_each_error()
    {
        await using DataflowRun run = new();
        run.Start(Nodes(run, $"shared-library: {CPrograms.Operator("stateful_operator")}"));

        var report = (await run.End()).Succeeded();

        Assert.Contains("restored 1 values, reason 1, incarnation 1, version 7, damaged 0", report.Log, StringComparison.Ordinal);
        Assert.Contains("restored 1 values, reason 1, incarnation 3, version 7, damaged 0", report.Log, StringComparison.Ordinal);
        Assert.Equal((7, 7, 0), (run.Number("reader", "received"), run.Number("reader", "last"), run.Number("reader", "problems")));
    }

    [Fact]
    public async Task An_operator_in_Python_goes_on_with_its_state_after_each_exception()
    {
        await using DataflowRun run = new();
        var script = Path.Combine(run.Folder, "counter.py");
        await File.WriteAllTextAsync(script, """
            from dora import DoraStatus, StateSizeError, delete_state, save_state

            class Operator:
                def __init__(self):
                    self.count = 0
                    self.handled = 0

                def restore_state(self, state, info):
                    self.count = int.from_bytes(state["count"], "little")
                    print("restored", sorted(state), info)

                def on_event(self, event, send_output):
                    if event["type"] != "INPUT":
                        return DoraStatus.CONTINUE
                    self.count += 1
                    value = self.count.to_bytes(8, "little")
                    save_state("count", value)
                    send_output("count", value)
                    save_state("gone", bytearray(b"x"))
                    assert delete_state("gone") and not delete_state("gone")
                    try:
                        save_state("large", bytes(2000))
                        raise AssertionError("there was room for too much")
                    except StateSizeError:
                        pass
                    self.handled += 1
                    if self.handled == 3:
                        raise RuntimeError("three is one too many")
                    return DoraStatus.CONTINUE
            """);
        run.Start(Nodes(run, $"python: {script}"));

        var report = (await run.End()).Succeeded();

        Assert.Contains("restored ['count'] {'reason': 'OPERATOR_FAILED', 'incarnation': 1, 'version': 7, 'damaged_keys': []}", report.Log, StringComparison.Ordinal);
        Assert.Equal((7, 7, 0), (run.Number("reader", "received"), run.Number("reader", "last"), run.Number("reader", "problems")));
    }

    private static string Nodes(DataflowRun run, string code) => $$"""
        - id: source
          path: {{DataflowRun.Program}}
          args: source --count 10 --interval-us 1000
          outputs: [data]
        - id: rt
          env: {VIRTUAL_ENV: /usr}
          operators:
            - id: counter
              {{code}}
              state: {max_size: 1000, version: 7}
              inputs: {data: {source: source/data, queue_policy: backpressure} }
              outputs: [count]
        - id: reader
          path: {{DataflowRun.Program}}
          args: growing {{run.ResultOf("reader")}}
          inputs: {count: {source: rt/counter/count, queue_policy: backpressure} }
        """;
}
