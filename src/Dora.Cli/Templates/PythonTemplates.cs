// SPDX-License-Identifier: Apache-2.0

namespace Dora.Cli.Templates;

/// <summary>What <c>dora new</c> writes in Python. The build line makes a virtual environment with the package <c>dora</c> beside the dataflow, where dora looks for one.</summary>
internal static class PythonTemplates
{
    /// <summary>The files of a dataflow.</summary>
    /// <param name="install">The shell line that makes the environment.</param>
    public static IEnumerable<(string Name, string Text)> Dataflow(string install) =>
    [
        ("dataflow.yml", $"""
            # yaml-language-server: $schema=dataflow.schema.json
            # Build it with:  dora build dataflow.yml      Start it with:  dora run dataflow.yml
            # Building makes the virtual environment .venv, for all of the dataflow; another one is used while it is active.
            nodes:
              - id: source
                path: source.py
                build: {install}
                inputs:
                  tick: dora/timer/millis/100
                outputs:
                  - number

              - id: operators
                operators:
                  - id: doubler
                    python: doubler.py
                    inputs:
                      number: source/number
                    outputs:
                      - doubled

              - id: sink
                path: sink.py
                inputs:
                  doubled: operators/doubler/doubled

            """),
        (".gitignore", "/.venv\n__pycache__/\n"),
        ("source.py", Source("")),
        ("doubler.py", Operator("")),
        ("sink.py", Sink),
    ];

    /// <summary>A node that belongs to no dataflow yet.</summary>
    public static string Node(string name, string install) => Source($"""
        # In a dataflow:
        #   - id: {name}
        #     path: {name}.py
        #     build: {install}
        #     inputs:
        #       tick: dora/timer/millis/100
        #     outputs:
        #       - number

        """);

    /// <summary>An operator that belongs to no dataflow yet.</summary>
    public static string Operator(string name, string install) => Operator($"""
        # In a dataflow:
        #   - id: runtime
        #     operators:
        #       - id: {name}
        #         python: {name}.py
        #         build: {install}
        #         inputs:
        #           number: source/number
        #         outputs:
        #           - doubled

        """);

    private static string Source(string head) => $"""
        {head}# Sends a number at each tick, and ends after fifty; what reads from it then ends too.
        import dora

        node = dora.Node()
        sent = 0
        for event in node:
            match event["type"]:
                case "INPUT":
                    node.send_output("number", dora.array([sent]), event["metadata"])
                    sent += 1
                    if sent == 50:
                        break
                case "STOP":
                    print("asked to stop")  # the loop still gets what waits, then ends

        """;

    private const string Sink = """
        # Prints what it receives, until all its inputs are closed.
        import dora

        for event in dora.Node():
            if event["type"] == "INPUT":
                print("received", event["value"].to_pylist()[0])

        """;

    private static string Operator(string head) => $$"""
        {{head}}# Doubles numbers.
        import dora
        from dora import DoraStatus


        class Operator:
            def on_event(self, event, send_output) -> DoraStatus:
                if event["type"] == "INPUT":
                    numbers = event["value"].to_pylist()
                    send_output("doubled", dora.array([2 * number for number in numbers]), event["metadata"])
                return DoraStatus.CONTINUE

        """;
}
