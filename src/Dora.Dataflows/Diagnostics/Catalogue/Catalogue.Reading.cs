// SPDX-License-Identifier: Apache-2.0

namespace Dora.Dataflows.Diagnostics;

public static partial class DiagnosticCatalogue
{
    private static DiagnosticExplanation[] Reading() =>
    [
        new(
            "DF0001",
            "File can't be read",
            "The file does not exist, is a folder, or you may not read it. Nothing else was looked at.",
            "",
            ""),
        new(
            "DF0002",
            "File too large",
            "A dataflow may be 4 MiB, a module 1 MiB. Reading more could fill the memory, and no dataflow written by people comes near. Split a generated one into modules or several dataflows.",
            "",
            ""),
        new(
            "DF0003",
            "Not UTF-8",
            "YAML files are UTF-8 text. The place is the first byte that is none, often an umlaut saved by an old editor. Save the file as UTF-8.",
            "",
            ""),
        new(
            "DF0004",
            "Not well-formed YAML",
            "The text breaks the rules of YAML, so nothing can be said about its meaning. Common causes: a tab as indentation, a missing space after ':', a quote that is not closed, lines that do not line up. YAML readers often notice one line late: look at the line before, too.",
            """
            nodes:
              - id: camera
                 path: camera.cs
            """,
            """
            nodes:
              - id: camera
                path: camera.cs
            """),
        new(
            "DF0005",
            "Nested too deep",
            "Lists and mappings may be nested 64 deep, counting what aliases stand for. No key needs more than ten; a stray '[' or '{' does.",
            """
            [[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[]]]]]]]]
            """,
            """
            nodes: [{id: a, path: a.cs}]
            """),
        new(
            "DF0006",
            "Too many values",
            "With every alias written out the file would hold more than a million values. Aliases of aliases grow without bound, which is an old way to stop a program with a small file.",
            "",
            ""),
        new(
            "DF0007",
            "Alias without anchor",
            "'*name' repeats the value that was marked '&name' further up. There is no such mark, or it comes later.",
            """
            nodes:
              - id: a
                path: a.cs
                env: *comon
            """,
            """
            nodes:
              - id: a
                path: a.cs
                env: &common {RATE: 10}
              - id: b
                path: b.cs
                env: *common
            """),
        new(
            "DF0008",
            "Alias inside itself",
            "An alias stands inside the value that it repeats, so that the value would contain itself without end.",
            """
            nodes: &all [*all]
            """,
            """
            nodes: [{id: a, path: a.cs}]
            """),
        new(
            "DF0009",
            "More than one document",
            "A line '---' starts a second document, but a file holds one dataflow. Put the other one into a file of its own.",
            """
            nodes: [{id: a, path: a.cs}]
            ---
            nodes: [{id: b, path: b.cs}]
            """,
            """
            nodes: [{id: a, path: a.cs}, {id: b, path: b.cs}]
            """),
        new(
            "DF0010",
            "Empty file",
            "There is nothing in the file but perhaps comments. A dataflow has at least the key 'nodes'.",
            """
            # nothing yet
            """,
            """
            nodes: [{id: a, path: a.cs}]
            """),
        new(
            "DF0011",
            "Merge key without a mapping",
            "'<<' copies the entries of another mapping into this one; keys written here win. What follows must be an alias of a mapping, or a list of them.",
            """
            nodes:
              - id: a
                path: a.cs
                <<: common
            """,
            """
            nodes:
              - &first
                id: a
                path: a.cs
                restart_policy: always
              - <<: *first
                id: b
            """),
        new(
            "DF0012",
            "Tag",
            "Tags such as '!!int' or '!include' mean nothing in a dataflow. Quote a value that shall be text; use a module to include another file.",
            """
            nodes: [{id: !name a, path: a.cs}]
            """,
            """
            nodes: [{id: a, path: a.cs}]
            """),
        new(
            "DF0013",
            "Key is not text",
            "The keys of a mapping are words; here stands a list, a mapping or nothing before the ':'.",
            """
            nodes: [{id: a, path: a.cs, [x]: 1}]
            """,
            """
            nodes: [{id: a, path: a.cs}]
            """),
        new(
            "DF0014",
            "Key written twice",
            "Two entries of one mapping have the same key, perhaps once in an old spelling. Only one could count, and which one differs from reader to reader.",
            """
            nodes:
              - id: a
                path: a.cs
                path: b.cs
            """,
            """
            nodes:
              - id: a
                path: a.cs
            """),
        new(
            "DF0015",
            "Too many nodes in a file",
            "One file may hold 20,000 nodes and operators.",
            "",
            ""),
        new(
            "DF0016",
            "Too many nodes after expansion",
            "Modules in modules multiply. A dataflow may have 100,000 nodes and operators when all of them are written out.",
            "",
            ""),
    ];
}
