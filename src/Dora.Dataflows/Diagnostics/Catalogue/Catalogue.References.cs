// SPDX-License-Identifier: Apache-2.0

namespace Dora.Dataflows.Diagnostics;

public static partial class DiagnosticCatalogue
{
    private static DiagnosticExplanation[] References() =>
    [
        new(
            "DF0106",
            "No such node",
            "An input reads an output of a node that is not in the dataflow. Inside a module only the module's own nodes can be named; what comes from outside comes through a port.",
            """
            nodes:
              - id: camera
                path: camera.cs
                outputs: [image]
              - id: plot
                path: plot.cs
                inputs: {image: camra/image}
            """,
            """
            nodes:
              - id: camera
                path: camera.cs
                outputs: [image]
              - id: plot
                path: plot.cs
                inputs: {image: camera/image}
            """),
        new(
            "DF0107",
            "No such output",
            "An input reads an output that its node, operator or module does not list under 'outputs'. A node can send only what it lists, so such an input would never receive anything.",
            """
            nodes:
              - id: camera
                path: camera.cs
                outputs: [frames]
              - id: plot
                path: plot.cs
                inputs: {image: camera/frame}
            """,
            """
            nodes:
              - id: camera
                path: camera.cs
                outputs: [frames]
              - id: plot
                path: plot.cs
                inputs: {image: camera/frames}
            """),
        new(
            "DF0108",
            "Not a source",
            "A source is 'node/output', 'node/operator/output', 'dora/timer/<unit>/<number>' or 'dora/logs[/<level>[/<node>]]'.",
            """
            nodes:
              - id: plot
                path: plot.cs
                inputs: {image: camera}
            """,
            """
            nodes:
              - id: camera
                path: camera.cs
                outputs: [image]
              - id: plot
                path: plot.cs
                inputs: {image: camera/image}
            """),
        new(
            "DF0109",
            "Not a timer",
            "Timers are 'dora/timer/secs/1', 'dora/timer/millis/100', 'dora/timer/micros/500', 'dora/timer/nanos/50000' with a whole number, or 'dora/timer/hz/30' with any. The interval is between 1 microsecond and a day.",
            """
            nodes:
              - id: a
                path: a.cs
                inputs: {tick: dora/timer/ms/100}
            """,
            """
            nodes:
              - id: a
                path: a.cs
                inputs: {tick: dora/timer/millis/100}
            """),
        new(
            "DF0127",
            "Which operator?",
            "A node with several operators has outputs of the form 'node/operator/output'. Only a node with one operator can be read by the short form 'node/output'.",
            """
            nodes:
              - id: math
                operators:
                  - {id: double, csharp: Double.cs, outputs: [y]}
                  - {id: square, csharp: Square.cs, outputs: [z]}
              - id: sink
                path: sink.cs
                inputs: {y: math/y}
            """,
            """
            nodes:
              - id: math
                operators:
                  - {id: double, csharp: Double.cs, outputs: [y]}
                  - {id: square, csharp: Square.cs, outputs: [z]}
              - id: sink
                path: sink.cs
                inputs: {y: math/double/y}
            """),
        new(
            "DF0128",
            "Not a log source",
            "Logs are read from 'dora/logs', 'dora/logs/<level>' or 'dora/logs/<level>/<node>'. Levels are stdout, trace, debug, info, warn and error.",
            """
            nodes:
              - id: a
                path: a.cs
                inputs: {log: dora/logs/warning}
            """,
            """
            nodes:
              - id: a
                path: a.cs
                inputs: {log: dora/logs/warn}
            """),
        new(
            "DF0129",
            "No such operator",
            "A source of the form 'node/operator/output' names an operator that its node does not have; perhaps the node is a program and has none.",
            """
            nodes:
              - id: camera
                path: camera.cs
                outputs: [image]
              - id: plot
                path: plot.cs
                inputs: {image: camera/op/image}
            """,
            """
            nodes:
              - id: camera
                path: camera.cs
                outputs: [image]
              - id: plot
                path: plot.cs
                inputs: {image: camera/image}
            """),
    ];
}
