// SPDX-License-Identifier: Apache-2.0

namespace Dora.Dataflows.Diagnostics;

public static partial class DiagnosticCatalogue
{
    private static DiagnosticExplanation[] OldForms() =>
    [
        new(
            "DF0201",
            "Old form: custom",
            "Early documentation writes a program's keys under 'custom', with 'source' for the program. They stand on the node itself now, and 'source' is called 'path'. The old form still works.",
            """
            nodes:
              - id: camera
                custom:
                  source: camera.cs
                  outputs: [image]
            """,
            """
            nodes:
              - id: camera
                path: camera.cs
                outputs: [image]
            """),
        new(
            "DF0202",
            "Old form: list under env",
            "Early documentation writes variables as a list of mappings. They are one mapping now. The old form still works.",
            """
            nodes:
              - id: a
                path: a.cs
                env:
                  - RATE: 10
                  - NAME: left
            """,
            """
            nodes:
              - id: a
                path: a.cs
                env:
                  RATE: 10
                  NAME: left
            """),
        new(
            "DF0203",
            "Old spelling: shared_library",
            "The key is written 'shared-library' now. The old spelling still works.",
            """
            nodes:
              - id: runtime
                operator: {shared_library: build/filter, build: make}
            """,
            """
            nodes:
              - id: runtime
                operator: {shared-library: build/filter, build: make}
            """),
        new(
            "DF0204",
            "Old form: run",
            "'custom.run' holds a program and its arguments in one line. They are 'path' and 'args' now. The old form still works.",
            """
            nodes:
              - id: a
                custom:
                  run: python3 a.py --fast
            """,
            """
            nodes:
              - id: a
                path: python3
                args: a.py --fast
            """),
        new(
            "DF0205",
            "Old spelling: working-directory",
            "The key is written 'working_directory' now, like most others. The old spelling still works.",
            """
            nodes:
              - id: a
                path: a.cs
                working-directory: .
            """,
            """
            nodes:
              - id: a
                path: a.cs
                working_directory: .
            """),
        new(
            "DF0206",
            "Old spelling: _unstable_deploy",
            "The key is written 'deploy' now. The old spelling still works.",
            """
            nodes:
              - id: a
                path: a.cs
                _unstable_deploy: {working_dir: .}
            """,
            """
            nodes:
              - id: a
                path: a.cs
                deploy: {working_dir: .}
            """),
        new(
            "DF0207",
            "No effect: communication",
            "Early versions let a dataflow choose its transport. It is chosen by itself now: shared memory on one machine, zenoh between machines.",
            """
            communication: {zenoh: {prefix: /example}}
            nodes: [{id: a, path: a.cs}]
            """,
            """
            nodes: [{id: a, path: a.cs}]
            """),
        new(
            "DF0208",
            "Old form: operator without its node",
            "Early documentation names an operator's output by the operator alone. Two nodes may have operators of one name, so the node comes first now. The old form works as long as there is one operator of that name and no node of that name.",
            """
            nodes:
              - id: math
                operators:
                  - {id: double, csharp: Double.cs, outputs: [y]}
              - id: sink
                path: sink.cs
                inputs: {y: double/y}
            """,
            """
            nodes:
              - id: math
                operators:
                  - {id: double, csharp: Double.cs, outputs: [y]}
              - id: sink
                path: sink.cs
                inputs: {y: math/double/y}
            """),
        new(
            "DF0209",
            "No effect: output_framing, health_check_interval",
            "Every output describes its own type, so there is no framing to choose; and silence is noticed at its deadline, so there is no interval of looking.",
            """
            nodes:
              - id: a
                path: a.cs
                outputs: [x]
                output_framing: {x: arrow-ipc}
            """,
            """
            nodes:
              - id: a
                path: a.cs
                outputs: [x]
            """),
    ];
}
