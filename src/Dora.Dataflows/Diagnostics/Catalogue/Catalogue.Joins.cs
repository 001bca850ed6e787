// SPDX-License-Identifier: Apache-2.0

namespace Dora.Dataflows.Diagnostics;

public static partial class DiagnosticCatalogue
{
    private static DiagnosticExplanation[] Joins() =>
    [
        new(
            "DF0140",
            "Join of an input that is not there",
            "A join names its members, and the inputs that it collects, as the node or operator calls them under 'inputs'; each of them once.",
            """
            nodes:
              - id: camera
                path: camera.cs
                outputs: [image, depth]
              - id: merge
                path: merge.cs
                inputs: {image: camera/image, depth: camera/depth}
                join: {mode: exact, inputs: [image, dept]}
            """,
            """
            nodes:
              - id: camera
                path: camera.cs
                outputs: [image, depth]
              - id: merge
                path: merge.cs
                inputs: {image: camera/image, depth: camera/depth}
                join: {mode: exact, inputs: [image, depth]}
            """),
        new(
            "DF0141",
            "Join that lacks something",
            "A mode may need what is not written: most need two members, 'window' needs to know what ends a window (and queues that hold one), 'on_timeout' needs a 'timeout'.",
            """
            nodes:
              - id: batch
                path: batch.cs
                inputs: {tick: dora/timer/millis/10}
                join: {mode: window}
            """,
            """
            nodes:
              - id: batch
                path: batch.cs
                inputs: {tick: dora/timer/millis/10}
                join: {mode: window, window: {count: 5}}
            """),
        new(
            "DF0142",
            "Stamp that a join can't use",
            "A join compares stamps: 'source' is when a message was sent, 'arrival' when it came, 'param:<key>' a parameter of its metadata. The time of arrival is never exactly equal, and nothing deterministic follows from it.",
            """
            nodes:
              - id: camera
                path: camera.cs
                outputs: [image, depth]
              - id: merge
                path: merge.cs
                inputs: {image: camera/image, depth: camera/depth}
                join: {mode: exact, stamp: arrival}
            """,
            """
            nodes:
              - id: camera
                path: camera.cs
                outputs: [image, depth]
              - id: merge
                path: merge.cs
                inputs: {image: camera/image, depth: camera/depth}
                join: {mode: exact, stamp: "param:frame"}
            """),
    ];
}
