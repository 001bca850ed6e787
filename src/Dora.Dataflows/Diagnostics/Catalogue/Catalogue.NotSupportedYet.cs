// SPDX-License-Identifier: Apache-2.0

namespace Dora.Dataflows.Diagnostics;

public static partial class DiagnosticCatalogue
{
    private static DiagnosticExplanation[] NotSupportedYet() =>
    [
        new(
            "DF0901",
            "Not yet: git and hub",
            "Fetching a node's source from a repository or from the hub is understood, but not done so far. Fetch it yourself and name its path.",
            """
            nodes:
              - id: a
                git: https://example.org/a.git
                path: a.cs
            """,
            """
            nodes:
              - id: a
                path: a/a.cs
            """),
        new(
            "DF0902",
            "Not yet: conda environments",
            "Python operators run in the Python that is active where dora is started; a conda environment cannot be chosen in the descriptor.",
            """
            nodes:
              - id: runtime
                operator: {python: {source: filter.py, conda_env: vision}}
            """,
            """
            nodes:
              - id: runtime
                operator: {python: filter.py}
            """),
        new(
            "DF0903",
            "Not yet: other machines",
            "Placing nodes on machines by name or labels and copying programs there is understood, but not done so far: everything runs on this machine.",
            """
            nodes:
              - id: a
                path: a.cs
                deploy: {machine: robot}
            """,
            """
            nodes:
              - id: a
                path: a.cs
            """),
        new(
            "DF0904",
            "Not yet: ROS 2",
            "Bridging to ROS 2 from a descriptor is understood, but not done so far. Write a node that talks to ROS 2.",
            """
            nodes:
              - id: bridge
                ros2: {topic: /camera, message_type: sensor_msgs/Image, direction: subscribe}
                outputs: [image]
            """,
            """
            nodes:
              - id: bridge
                path: bridge.py
                outputs: [image]
            """),
        new(
            "DF0905",
            "Not yet: downloads",
            "Programs given by URL, and checksums for them, are understood, but nothing is downloaded so far. Download the program yourself and name its path.",
            """
            nodes:
              - id: a
                path: https://example.org/a
            """,
            """
            nodes:
              - id: a
                path: a.cs
            """),
        new(
            "DF0906",
            "Not yet: debug inspection",
            "Publishing every message to inspection tools is understood, but not done so far.",
            """
            debug: {enable_debug_inspection: true}
            nodes: [{id: a, path: a.cs}]
            """,
            """
            nodes: [{id: a, path: a.cs}]
            """),
        new(
            "DF0907",
            "Not yet: joins of operators in other languages",
            "Operators in C# can have a 'join'; those in other languages get their inputs one by one so far. Nodes in any language can have one.",
            """
            nodes:
              - id: runtime
                operator:
                  python: merge.py
                  inputs: {a: dora/timer/secs/1, b: dora/timer/secs/2}
                  join: {mode: all}
            """,
            """
            nodes:
              - id: runtime
                operator:
                  csharp: Merge.cs
                  inputs: {a: dora/timer/secs/1, b: dora/timer/secs/2}
                  join: {mode: all}
            """),
    ];
}
