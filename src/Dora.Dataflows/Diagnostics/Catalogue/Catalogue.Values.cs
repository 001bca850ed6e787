// SPDX-License-Identifier: Apache-2.0

namespace Dora.Dataflows.Diagnostics;

public static partial class DiagnosticCatalogue
{
    private static DiagnosticExplanation[] Values() =>
    [
        new(
            "DF0110",
            "Not one of the words",
            "The value must be one of a few words, written exactly so.",
            """
            nodes:
              - id: a
                path: a.cs
                restart_policy: on_failure
            """,
            """
            nodes:
              - id: a
                path: a.cs
                restart_policy: on-failure
            """),
        new(
            "DF0111",
            "Not a whole number in range",
            "The value must be a whole number, without quotes, within the limits that the message names.",
            """
            nodes:
              - id: a
                path: a.cs
                max_rotated_files: 500
            """,
            """
            nodes:
              - id: a
                path: a.cs
                max_rotated_files: 50
            """),
        new(
            "DF0112",
            "Not a duration",
            "A duration is a number of seconds, or a number with one of the units ns, us, ms, s, m, h. It is not negative, at most ten years, and for timeouts not zero; the message says what holds without the key.",
            """
            nodes:
              - id: a
                path: a.cs
                startup_timeout: 5 minutes
            """,
            """
            nodes:
              - id: a
                path: a.cs
                startup_timeout: 5m
            """),
        new(
            "DF0113",
            "Not a size",
            "A size is a number of bytes, or a number with one of the units B, KB, MB, GB (powers of 1024, as in dora-rs). It is at least one byte.",
            """
            nodes:
              - id: a
                path: a.cs
                max_log_size: 8 megs
            """,
            """
            nodes:
              - id: a
                path: a.cs
                max_log_size: 8MB
            """),
        new(
            "DF0120",
            "Not the name of a variable",
            "Names of environment variables are not empty and have no '=', spaces or control characters.",
            """
            nodes:
              - id: a
                path: a.cs
                env: {"MY VARIABLE": 1}
            """,
            """
            nodes:
              - id: a
                path: a.cs
                env: {MY_VARIABLE: 1}
            """),
        new(
            "DF0121",
            "Variable may not be set",
            "Some variables make the loader, a runtime or a shell run other code than the program that is named (LD_PRELOAD, DOTNET_STARTUP_HOOKS, PYTHONSTARTUP, NODE_OPTIONS, …), others are how the daemon talks to a node. A descriptor must not set them. If a program needs, say, LD_LIBRARY_PATH, set it in the environment that dora is started from.",
            """
            nodes:
              - id: a
                path: a.cs
                env: {LD_PRELOAD: ./hook.so}
            """,
            """
            nodes:
              - id: a
                path: a.cs
            """),
        new(
            "DF0122",
            "Variable is not set",
            "A value uses $NAME, and the environment of dora has no NAME. Set it, write '${NAME:-default}', or '$$' if a dollar sign is meant.",
            """
            nodes:
              - id: a
                path: a.cs
                env: {TOKEN: $NO_SUCH_TOKEN}
            """,
            """
            nodes:
              - id: a
                path: a.cs
                env: {TOKEN: "${NO_SUCH_TOKEN:-none}"}
            """),
        new(
            "DF0123",
            "Expansion is malformed",
            "After '${' comes a name, then '}' or ':-default}'. A dollar sign itself is written '$$'.",
            """
            nodes:
              - id: a
                path: a.cs
                env: {PRICE: "${5"}
            """,
            """
            nodes:
              - id: a
                path: a.cs
                env: {PRICE: "$$5"}
            """),
        new(
            "DF0126",
            "Arguments can't be split",
            "'args' is split into words as a shell does, with quotes and backslashes but without expanding anything. A quote is not closed. A list with one argument an item needs no quotes.",
            """
            nodes:
              - id: a
                path: a.cs
                args: --title "my camera
            """,
            """
            nodes:
              - id: a
                path: a.cs
                args: [--title, my camera]
            """),
        new(
            "DF0130",
            "Key has no effect",
            "The key is fine, but another one turns it off: restart limits and delays without 'restart_policy', a window without a limit, a longest delay without a delay, keys of a 'join' that belong to another mode.",
            """
            nodes:
              - id: a
                path: a.cs
                max_restarts: 3
            """,
            """
            nodes:
              - id: a
                path: a.cs
                restart_policy: on-failure
                max_restarts: 3
            """),
        new(
            "DF0136",
            "Queue without a place",
            "A queue of size 0 could never pass a message on. As in dora-rs it is taken as 1.",
            """
            nodes:
              - id: a
                path: a.cs
                inputs: {tick: {source: dora/timer/secs/1, queue_size: 0}}
            """,
            """
            nodes:
              - id: a
                path: a.cs
                inputs: {tick: {source: dora/timer/secs/1, queue_size: 1}}
            """),
        new(
            "DF0139",
            "Deadline policy is incomplete",
            "A thread with the policy 'deadline' gets its 'runtime' in each 'period': it needs both, the runtime is no longer than the period, and it runs on any CPU, because the kernel promises that time on all CPUs together.",
            """
            nodes:
              - id: a
                threads: {control: {policy: deadline, runtime: 2ms, period: 1ms}}
                operators:
                  - id: b
                    csharp: b.cs
                    thread: control
            """,
            """
            nodes:
              - id: a
                threads: {control: {policy: deadline, runtime: 200us, period: 1ms}}
                operators:
                  - id: b
                    csharp: b.cs
                    thread: control
            """),
        new(
            "DF0119",
            "File does not exist",
            "A program or an operator's code is not where the descriptor says. Relative paths start at the folder of the file that they are written in; names without a folder are also looked for in PATH. A file that a 'build' line makes need not exist.",
            """
            nodes:
              - id: a
                path: no/such/program
            """,
            """
            nodes:
              - id: a
                path: no/such/program
                build: make program
            """),
        new(
            "DF0124",
            "Path leaves the folder",
            "A program or folder is outside the folder of the dataflow. It runs, but it is missing when the folder is moved or sent to another machine, and a descriptor from elsewhere should not reach around in yours. If that is meant, as in a repository with shared build output, say 'allow_outside: true' at the top.",
            """
            nodes:
              - id: a
                path: ../shared/a.cs
            """,
            """
            allow_outside: true
            nodes:
              - id: a
                path: ../shared/a.cs
            """),
        new(
            "DF0125",
            "Shell lines are not allowed",
            "A node with 'path: shell' hands its 'args' to a shell, which can do anything that you can. Read the line, then allow it on the command line; or start the program itself.",
            """
            nodes:
              - id: a
                path: shell
                args: ls | wc -l
            """,
            """
            nodes:
              - id: a
                path: a.cs
            """),
        new(
            "DF0132",
            "File is not executable",
            "The program exists, but has no permission to be executed, and its extension is none that dora knows how to start (.cs, .csproj, .dll, .py).",
            "",
            ""),
        new(
            "DF0134",
            "Folder does not exist",
            "The working directory of a node is not there.",
            """
            allow_outside: true
            nodes:
              - id: a
                path: /bin/true
                working_directory: no/such/folder
            """,
            """
            allow_outside: true
            nodes:
              - id: a
                path: /bin/true
                working_directory: .
            """),
        new(
            "DF0135",
            "Wrong kind of file",
            "An operator's code is a file with one of the extensions that the message names.",
            """
            nodes:
              - id: runtime
                operator: {csharp: Filter.java}
            """,
            """
            nodes:
              - id: runtime
                operator: {csharp: Filter.cs}
            """),
        new(
            "DF0145",
            "State that cannot be kept",
            "A state in memory ends with the run's processes. What the next run is to find must be on the disk.",
            """
            nodes:
              - id: runtime
                operator:
                  csharp: Counter.cs
                  state: {keep: name}
            """,
            """
            nodes:
              - id: runtime
                operator:
                  csharp: Counter.cs
                  state: {keep: name, durability: disk}
            """),
    ];
}
