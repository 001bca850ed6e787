// SPDX-License-Identifier: Apache-2.0

using Dora.IntegrationTests.Faults;

namespace Dora.IntegrationTests.Languages;

/// <summary>Operators in Python where the package <c>dora</c> is installed: typed data is theirs to read and to make.</summary>
[Collection(LanguageCollection.Name)]
public sealed class PythonPackageOperatorTests(PythonEnvironment python) : IClassFixture<PythonEnvironment>
{
    [Fact]
    public async Task Operators_read_and_make_arrays_of_every_type()
    {
        await using var run = python.Run();
        await File.WriteAllTextAsync(Path.Combine(run.Folder, "arrays.py"), """
            import numpy as np
            import dora

            ARRAYS = [
                dora.array([1, 2, 3]), dora.array(np.array([0.5, 1.5], dtype=np.float32)), dora.array(["a", None, "größer"]), dora.array([True, None, False]),
                dora.array([[1, 2], None, []]), dora.array([{"x": 1, "y": "a"}, {"x": 2, "y": None}]), dora.array([]), dora.array([1.5, None]),
            ]
            """);
        await File.WriteAllTextAsync(Path.Combine(run.Folder, "make.py"), """
            from arrays import ARRAYS
            from dora import DoraStatus

            class Operator:
                def on_event(self, event, send_output):
                    for array in ARRAYS:
                        send_output("data", array)
                    send_output("data", b"bytes")
                    return DoraStatus.STOP
            """);
        await File.WriteAllTextAsync(Path.Combine(run.Folder, "check.py"), """
            import dora
            from arrays import ARRAYS
            from dora import DoraStatus

            class Operator:
                def __init__(self):
                    self.got = []

                def on_event(self, event, send_output):
                    if event["type"] == "INPUT":
                        self.got.append(event["value"])  # may be kept
                        send_output("data", event["value"])
                    elif event["type"] == "INPUT_CLOSED":
                        assert all(type(value) is dora.ArrowArray for value in self.got), self.got
                        assert self.got[:-1] == ARRAYS, self.got
                        assert bytes(self.got[-1]) == b"bytes" and self.got[-1].to_numpy().tolist() == list(b"bytes")
                        print("all right")
                        return DoraStatus.STOP
                    return DoraStatus.CONTINUE
            """);
        var environment = Path.GetDirectoryName(python.Bin);
        run.Start($$$"""
            - id: one
              env:
                VIRTUAL_ENV: {{{environment}}}
              operators:
                - {id: make, python: make.py, inputs: {tick: dora/timer/millis/20}, outputs: [data]}
                - id: near
                  python: check.py
                  inputs:
                    data: {source: one/make/data, queue_size: 100}
                  outputs: [data]
            - id: two
              env:
                VIRTUAL_ENV: {{{environment}}}
              operator:
                id: far
                python: check.py
                inputs:
                  data: {source: one/near/data, queue_size: 100}
                outputs: [data]
            """);

        var report = await run.End();

        Assert.True(report.ExitCode == 0, run.Log);
        Assert.Contains("near: all right", run.Log, StringComparison.Ordinal);
        Assert.Contains("far: all right", run.Log, StringComparison.Ordinal);
    }
}
