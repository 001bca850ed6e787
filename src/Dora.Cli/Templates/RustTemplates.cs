// SPDX-License-Identifier: Apache-2.0

using Dora.Cli.Commands;

namespace Dora.Cli.Templates;

/// <summary>What <c>dora new</c> writes in Rust: packages that cargo builds without the network, for they need no other crates.</summary>
internal static class RustTemplates
{
    /// <summary>The files of a dataflow: one package, with a program for each node and a library for the operator.</summary>
    /// <param name="name">Of the folder.</param>
    /// <param name="crates">From a crate's name to what stands behind it in <c>[dependencies]</c>.</param>
    /// <param name="sdk">Shell words that print where libdora is; it is built there if need be.</param>
    public static IEnumerable<(string Name, string Text)> Dataflow(string name, Func<string, string> crates, string sdk) =>
    [
        ("dataflow.yml", $"""
            # yaml-language-server: $schema=dataflow.schema.json
            # Build it with:  dora build dataflow.yml      Start it with:  dora run dataflow.yml
            nodes:
              - id: source
                path: target/release/source
                build: {Build(sdk, "")} --bin source
                inputs:
                  tick: dora/timer/millis/100
                outputs:
                  - number

              - id: operators
                operators:
                  - id: doubler
                    shared-library: target/release/doubler
                    build: cargo build --release --lib
                    inputs:
                      number: source/number
                    outputs:
                      - doubled

              - id: sink
                path: target/release/sink
                build: {Build(sdk, "")} --bin sink
                inputs:
                  doubled: operators/doubler/doubled

            """),
        ("Cargo.toml", $"""
            [package]
            name = "{PackageName(name)}"
            version = "0.1.0"
            edition = "2021"

            # The operator. Each further one is a package of its own: a package has one library.
            [lib]
            name = "doubler"
            path = "src/doubler.rs"
            crate-type = ["cdylib"]

            # Nodes are the programs in src/bin.

            [dependencies]
            dora-node-api = {crates("dora-node-api")}
            dora-operator-api = {crates("dora-operator-api")}

            [workspace]

            """),
        (".gitignore", "/target\n"),
        ("src/bin/source.rs", Source),
        ("src/bin/sink.rs", Sink),
        ("src/doubler.rs", Operator("Doubler")),
    ];

    /// <summary>A node that belongs to no dataflow yet: a package.</summary>
    public static IEnumerable<(string Name, string Text)> Node(string name, Func<string, string> crates, string sdk) =>
    [
        ("Cargo.toml", $"""
            # In a dataflow beside this folder:
            #   - id: {name}
            #     path: {name}/target/release/{PackageName(name)}
            #     build: {Build(sdk, $"--manifest-path {name}/Cargo.toml ")}
            #     inputs:
            #       tick: dora/timer/millis/100
            #     outputs:
            #       - number
            [package]
            name = "{PackageName(name)}"
            version = "0.1.0"
            edition = "2021"

            [dependencies]
            dora-node-api = {crates("dora-node-api")}

            [workspace]

            """),
        (".gitignore", "/target\n"),
        ("src/main.rs", Source),
    ];

    /// <summary>An operator that belongs to no dataflow yet: a package.</summary>
    public static IEnumerable<(string Name, string Text)> Operator(string name, Func<string, string> crates) =>
    [
        ("Cargo.toml", $"""
            # In a dataflow beside this folder:
            #   - id: runtime
            #     operators:
            #       - id: {name}
            #         shared-library: {name}/target/release/{PackageName(name).Replace('-', '_')}
            #         build: cargo build --release --manifest-path {name}/Cargo.toml
            #         inputs:
            #           number: source/number
            #         outputs:
            #           - doubled
            [package]
            name = "{PackageName(name)}"
            version = "0.1.0"
            edition = "2021"

            [lib]
            crate-type = ["cdylib"]

            [dependencies]
            dora-operator-api = {crates("dora-operator-api")}

            [workspace]

            """),
        (".gitignore", "/target\n"),
        ("src/lib.rs", Operator(NewCommand.ClassName(name))),
    ];

    /// <summary>What cargo takes as a name: letters, digits, '-' and '_', a letter first, and no name that it needs itself.</summary>
    internal static string PackageName(string name)
    {
        var word = name.Replace('.', '-');
        if (!char.IsAsciiLetter(word[0]))
            word = "dora-" + word.TrimStart('-', '_');
        return word is "build" or "deps" or "examples" or "incremental" or "test" or "core" or "std" or "alloc" or "proc_macro" ? "dora-" + word : word;
    }

    private static string Build(string sdk, string options) => $"DORA_SDK=$({sdk}) cargo build --release {options}".TrimEnd();

    private const string Source = """
        //! Sends a number at each tick, and ends after fifty; what reads from it then ends too.

        use dora_node_api::{DoraNode, Event};
        use std::error::Error;

        fn main() -> Result<(), Box<dyn Error>> {
            let (mut node, mut events) = DoraNode::init_from_env()?;
            let mut sent: i32 = 0;
            while let Some(event) = events.recv() {
                match event {
                    Event::Input { metadata, .. } => {
                        // Written straight into shared memory.
                        node.send_output("number".into(), metadata.parameters, 4, |out| out.copy_from_slice(&sent.to_ne_bytes()))?;
                        sent += 1;
                        if sent == 50 {
                            break;
                        }
                    }
                    Event::Stop => println!("asked to stop"), // recv gives what still waits, then None
                    _ => {}
                }
            }
            Ok(())
        }

        """;

    private const string Sink = """
        //! Prints what it receives, until all its inputs are closed.

        use dora_node_api::{DoraNode, Event};
        use std::error::Error;

        fn main() -> Result<(), Box<dyn Error>> {
            let (_node, mut events) = DoraNode::init_from_env()?;
            while let Some(event) = events.recv() {
                if let Event::Input { data: Some(data), .. } = event {
                    let numbers = data.values::<i32>().ok_or("these are no numbers")?; // in place
                    println!("received {}", numbers[0]);
                }
            }
            Ok(())
        }

        """;

    private static string Operator(string typeName) => $$"""
        //! Doubles numbers.

        use dora_operator_api::{register_operator, DoraOperator, DoraOutputSender, DoraStatus, Event};

        register_operator!({{typeName}});

        #[derive(Default)]
        struct {{typeName}};

        impl DoraOperator for {{typeName}} {
            fn on_event(&mut self, event: &Event, output: &mut DoraOutputSender) -> Result<DoraStatus, String> {
                if let Event::Input { id: _, data } = event {
                    let number = i32::from_ne_bytes((*data).try_into().map_err(|_| "a number has four bytes")?);
                    output.send_bytes("doubled", &(2 * number).to_ne_bytes())?;
                }
                Ok(DoraStatus::Continue)
            }
        }

        """;
}
