// SPDX-License-Identifier: Apache-2.0

namespace Dora.Cli.Templates;

/// <summary>The texts that <c>dora new</c> writes. They are programs of the user's from then on: short, and with words where to go on.</summary>
internal static class TemplateText
{
    public static string Dataflow(string schema) => $$"""
        # yaml-language-server: $schema={{schema}}
        # Start it with:  dora run dataflow.yml
        nodes:
          - id: source
            path: source.cs
            inputs:
              tick: dora/timer/millis/100
            outputs:
              - number

          - id: operators
            operators:
              - id: doubler
                csharp: Doubler.cs
                inputs:
                  number: source/number
                outputs:
                  - doubled

          - id: sink
            path: sink.cs
            inputs:
              doubled: operators/doubler/doubled

        """;

    public static string Source(string library) => $$"""
        {{library}}
        // Sends a number at each tick, and ends after fifty; what reads from it then ends too.
        using Dora.Nodes;

        using var node = DoraNode.InitFromEnv();
        var sent = 0;
        while (sent < 50 && node.Recv() is { } e)
        {
            if (e is not InputEvent { Id: "tick" })
                continue;
            node.SendOutput("number", BitConverter.GetBytes(sent++));
        }

        """;

    public static string Sink(string library) => $$"""
        {{library}}
        // Prints what it receives, until all its inputs are closed.
        using Dora.Nodes;

        using var node = DoraNode.InitFromEnv();
        while (node.Recv() is { } e)
        {
            if (e is InputEvent { Id: "doubled" } input)
                Console.WriteLine($"received {BitConverter.ToInt32(input.Data)}");
        }

        """;

    /// <summary>A node that belongs to no dataflow yet.</summary>
    public static string Node(string library, string name) => $$"""
        {{library}}
        // In a dataflow:
        //   - id: {{name}}
        //     path: {{name}}.cs
        //     inputs:
        //       tick: dora/timer/millis/100
        //     outputs:
        //       - message
        using System.Text;
        using Dora.Nodes;

        using var node = DoraNode.InitFromEnv();
        while (node.Recv() is { } e)
        {
            switch (e)
            {
                case InputEvent input:
                    node.SendOutput("message", Encoding.UTF8.GetBytes($"{input.Id} at {input.Metadata.Timestamp:O}"));
                    break;
                case StopEvent:
                    Console.WriteLine("asked to stop"); // Recv gives the messages that still wait, then null
                    break;
            }
        }

        """;

    public static string Operator(string library, string className, string yaml) => $$"""
        {{library}}
        {{yaml}}using Dora.Operators;

        /// <summary>Doubles numbers.</summary>
        public sealed class {{className}} : IOperator
        {
            public DoraStatus OnEvent(in OperatorEvent e, OutputSender output)
            {
                if (e.Kind == OperatorEventKind.Input)
                    output.Send("doubled", BitConverter.GetBytes(2 * BitConverter.ToInt32(e.Data)));
                return DoraStatus.Continue;
            }
        }

        """;

    public static string OperatorYaml(string className) => $"""
        // In a dataflow:
        //   - id: runtime
        //     operators:
        //       - id: {className.ToLowerInvariant()}
        //         csharp: {className}.cs
        //         inputs:
        //           number: source/number
        //         outputs:
        //           - doubled

        """;
}
