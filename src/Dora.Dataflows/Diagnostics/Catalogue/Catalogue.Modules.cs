// SPDX-License-Identifier: Apache-2.0

namespace Dora.Dataflows.Diagnostics;

public static partial class DiagnosticCatalogue
{
    private static DiagnosticExplanation[] Modules() =>
    [
        new(
            "DF0301",
            "No such module file",
            "The file that a node names under 'module' does not exist. The path starts at the folder of the file that it is written in.",
            """
            nodes:
              - id: nav
                module: no/such/module.yml
            """,
            """
            nodes:
              - id: nav
                module: modules/navigation.yml
            """),
        new(
            "DF0302",
            "Module leaves the folder",
            "A module, or a path that a module uses, is outside the folder of the dataflow. Modules may come from elsewhere, so they reach nothing outside, and they are moved together with the dataflow.",
            """
            nodes:
              - id: nav
                module: ../navigation.yml
            """,
            """
            nodes:
              - id: nav
                module: modules/navigation.yml
            """),
        new(
            "DF0303",
            "Module contains itself",
            "A module uses itself, directly or by way of others, so that expanding it would never end. The message shows the way round.",
            """
            # a.yml
            module: {name: a}
            nodes:
              - id: again
                module: a.yml
            """,
            """
            # a.yml
            module: {name: a}
            nodes:
              - id: worker
                path: worker.cs
            """),
        new(
            "DF0304",
            "Modules nested too deep",
            "Modules in modules may be nested 8 deep.",
            "",
            ""),
        new(
            "DF0305",
            "Not a module",
            "The file that a node names under 'module' has no 'module' header; perhaps it is a dataflow of its own.",
            """
            # navigation.yml
            nodes: [{id: planner, path: planner.cs}]
            """,
            """
            # navigation.yml
            module: {name: navigation}
            nodes: [{id: planner, path: planner.cs}]
            """),
        new(
            "DF0306",
            "No such port",
            "A node connects an input that its module does not list under 'inputs' or 'inputs_optional'.",
            """
            nodes:
              - id: nav
                module: navigation.yml
                inputs: {gaol: ui/goal}
            """,
            """
            nodes:
              - id: nav
                module: navigation.yml
                inputs: {goal: ui/goal}
            """),
        new(
            "DF0307",
            "Port left open",
            "A node does not connect a port that its module lists under 'inputs'. Ports that may stay open are listed under 'inputs_optional'.",
            """
            nodes:
              - id: nav
                module: navigation.yml
            """,
            """
            nodes:
              - id: nav
                module: navigation.yml
                inputs: {goal: ui/goal}
            """),
        new(
            "DF0308",
            "Port is not in the header",
            "A node of a module reads '_mod/<port>', but the module's header lists no such port.",
            """
            # navigation.yml
            module: {name: navigation, inputs: [goal]}
            nodes:
              - id: planner
                path: planner.cs
                inputs: {goal: _mod/gaol}
            """,
            """
            # navigation.yml
            module: {name: navigation, inputs: [goal]}
            nodes:
              - id: planner
                path: planner.cs
                inputs: {goal: _mod/goal}
            """),
        new(
            "DF0309",
            "Nobody produces the output",
            "A module lists an output that none of its nodes has. Ports can't rename: the port is called like the output of the node inside.",
            """
            # navigation.yml
            module: {name: navigation, outputs: [cmd]}
            nodes:
              - id: controller
                path: controller.cs
                outputs: [command]
            """,
            """
            # navigation.yml
            module: {name: navigation, outputs: [cmd]}
            nodes:
              - id: controller
                path: controller.cs
                outputs: [cmd]
            """),
        new(
            "DF0310",
            "Several nodes produce the output",
            "A module lists an output that more than one of its nodes has, so that a reader outside could mean either. Rename those that stay inside.",
            """
            # navigation.yml
            module: {name: navigation, outputs: [cmd]}
            nodes:
              - {id: slow, path: slow.cs, outputs: [cmd]}
              - {id: fast, path: fast.cs, outputs: [cmd]}
            """,
            """
            # navigation.yml
            module: {name: navigation, outputs: [cmd]}
            nodes:
              - {id: slow, path: slow.cs, outputs: [slow_cmd]}
              - {id: fast, path: fast.cs, outputs: [cmd]}
            """),
        new(
            "DF0311",
            "Port outside a module",
            "'_mod/<port>' is what the outside connected to a module's port. A dataflow itself has no ports.",
            """
            nodes:
              - id: a
                path: a.cs
                inputs: {x: _mod/x}
            """,
            """
            nodes:
              - id: source
                path: source.cs
                outputs: [x]
              - id: a
                path: a.cs
                inputs: {x: source/x}
            """),
        new(
            "DF0312",
            "Parameter is not given",
            "A module uses $PARAM_NAME, but the node that stands for it gives no such parameter. Give it under 'params', or write '${PARAM_NAME:-default}' in the module.",
            """
            # navigation.yml
            module: {name: navigation}
            nodes:
              - id: planner
                path: planner.cs
                args: --speed $PARAM_SPEED
            """,
            """
            # dataflow.yml
            nodes:
              - id: nav
                module: navigation.yml
                params: {speed: 2.0}
            """),
        new(
            "DF0313",
            "Two parameters of one name",
            "Parameters are used in capitals, as $PARAM_SPEED, so two names that differ only in case are the same.",
            """
            nodes:
              - id: nav
                module: navigation.yml
                params: {speed: 1, Speed: 2}
            """,
            """
            nodes:
              - id: nav
                module: navigation.yml
                params: {speed: 1}
            """),
        new(
            "DF0314",
            "A module is not a dataflow",
            "The file has a 'module' header: it is made to be used by a dataflow, not to be run.",
            """
            module: {name: navigation}
            nodes: [{id: planner, path: planner.cs}]
            """,
            """
            nodes: [{id: planner, path: planner.cs}]
            """),
        new(
            "DF0315",
            "Name too long outside",
            "A node inside a module is called 'module-node.inner-node' outside, and that name may have 64 characters, too.",
            "",
            ""),
    ];
}
