// SPDX-License-Identifier: Apache-2.0

using System.CommandLine;
using Dora.Cli.Output;
using Dora.Dataflows.Schema;

namespace Dora.Cli.Commands;

/// <summary><c>dora schema</c>: the JSON schema of descriptors, for editors.</summary>
internal static class SchemaCommand
{
    public static Command Create(Terminal terminal)
    {
        var command = new Command("schema", "Print the JSON schema of dataflow files, for editors");
        command.SetAction(_ => terminal.Out.Write(DataflowSchema.Generate()));
        return command;
    }
}
