// SPDX-License-Identifier: Apache-2.0

namespace Dora.Dataflows.Diagnostics;

public static partial class DiagnosticCatalogue
{
    private static DiagnosticExplanation[] Structure() =>
    [
        new(
            "DF0101",
            "Unknown key",
            "No such key exists at this place. Unknown keys are errors everywhere, because a key that is misspelt would silently do nothing. 'dora schema' prints all keys in a form that editors complete from.",
            """
            nodes:
              - id: camera
                pth: camera.cs
            """,
            """
            nodes:
              - id: camera
                path: camera.cs
            """),
        new(
            "DF0102",
            "Missing key",
            "A key without which the rest makes no sense is not there.",
            """
            nodes:
              - path: camera.cs
            """,
            """
            nodes:
              - id: camera
                path: camera.cs
            """),
        new(
            "DF0103",
            "Wrong kind of value",
            "A list stands where a mapping is expected, a number where text is, nothing where something is, and so on. YAML decides by how a value is written: 123 is a number, \"123\" is text; true is a boolean, yes is text.",
            """
            nodes:
              - id: camera
                path: camera.cs
                outputs: image
            """,
            """
            nodes:
              - id: camera
                path: camera.cs
                outputs: [image]
            """),
        new(
            "DF0104",
            "Name not allowed",
            "Names of nodes, operators, inputs and outputs are 1 to 64 letters, digits, '_', '-' or '.', and do not start with a dot: they become parts of paths, keys and log file names. No node can be called 'dora', because sources use that name for timers and logs. Names of parameters have letters, digits and '_' only.",
            """
            nodes:
              - id: front camera
                path: camera.cs
            """,
            """
            nodes:
              - id: front_camera
                path: camera.cs
            """),
        new(
            "DF0105",
            "Name used twice",
            "Two nodes of the dataflow, two operators of a node, two outputs or two ports have the same name, so that a source could mean either.",
            """
            nodes:
              - id: camera
                path: left.cs
              - id: camera
                path: right.cs
            """,
            """
            nodes:
              - id: left
                path: left.cs
              - id: right
                path: right.cs
            """),
        new(
            "DF0114",
            "Nothing to run",
            "A node is a program ('path'), a runtime with operators ('operators' or 'operator') or a module ('module'). None of these keys is there.",
            """
            nodes:
              - id: camera
                outputs: [image]
            """,
            """
            nodes:
              - id: camera
                path: camera.cs
                outputs: [image]
            """),
        new(
            "DF0115",
            "Several things to run",
            "A node is one thing: a program, a runtime with operators or a module.",
            """
            nodes:
              - id: camera
                path: camera.cs
                operator: {csharp: Camera.cs}
            """,
            """
            nodes:
              - id: camera
                path: camera.cs
            """),
        new(
            "DF0116",
            "Operator without code",
            "An operator names its code under exactly one of 'csharp', 'shared-library', 'python' and 'wasm'.",
            """
            nodes:
              - id: runtime
                operators:
                  - id: filter
                    outputs: [y]
            """,
            """
            nodes:
              - id: runtime
                operators:
                  - id: filter
                    csharp: Filter.cs
                    outputs: [y]
            """),
        new(
            "DF0117",
            "Operator with several codes",
            "An operator names its code under exactly one of 'csharp', 'shared-library', 'python' and 'wasm'.",
            """
            nodes:
              - id: runtime
                operator: {csharp: Filter.cs, python: filter.py}
            """,
            """
            nodes:
              - id: runtime
                operator: {csharp: Filter.cs}
            """),
        new(
            "DF0118",
            "Key has no meaning here",
            "The key exists, but not for this kind of node: inputs beside operators (they belong to the operators), restart keys on a dynamic node (dora does not start it), a path beside a module, and so on. It would do nothing, so it is refused.",
            """
            nodes:
              - id: runtime
                operator: {csharp: Filter.cs}
                outputs: [y]
            """,
            """
            nodes:
              - id: runtime
                operator: {csharp: Filter.cs, outputs: [y]}
            """),
        new(
            "DF0133",
            "Empty list",
            "A list that needs at least one entry has none: 'nodes', 'operators' or 'cpu_affinity'.",
            """
            nodes: []
            """,
            """
            nodes: [{id: a, path: a.cs}]
            """),
        new(
            "DF0137",
            "Two kinds of log on one output",
            "'send_stdout_as' carries raw lines, 'send_logs_as' JSON records. A reader could not tell which is which on one output.",
            """
            nodes:
              - id: camera
                path: camera.cs
                send_stdout_as: log
                send_logs_as: log
            """,
            """
            nodes:
              - id: camera
                path: camera.cs
                send_stdout_as: lines
                send_logs_as: records
            """),
        new(
            "DF0131",
            "Logging set twice for one process",
            "Operators of one node share a process, and with it stdout, stderr and a log file. A logging key can be set once for all of them.",
            """
            nodes:
              - id: runtime
                operators:
                  - {id: a, csharp: A.cs, min_log_level: info}
                  - {id: b, csharp: B.cs, min_log_level: warn}
            """,
            """
            nodes:
              - id: runtime
                operators:
                  - {id: a, csharp: A.cs, min_log_level: info}
                  - {id: b, csharp: B.cs}
            """),
    ];
}
