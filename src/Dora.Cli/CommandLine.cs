// SPDX-License-Identifier: Apache-2.0

using System.CommandLine;
using System.CommandLine.Invocation;
using Dora.Cli.Commands;
using Dora.Cli.Output;

namespace Dora.Cli;

/// <summary>From arguments to an exit code: the only place that turns exceptions into messages.</summary>
internal static class CommandLine
{
    /// <summary>Parses, runs one command, and reports what went wrong in words for the user.</summary>
    public static async Task<int> RunAsync(IReadOnlyList<string> args, Terminal terminal)
    {
        var root = CreateRoot(terminal);
        var parsed = root.Parse(args);
        var mistakes = UsageErrors.Find(parsed);
        if (mistakes.Count > 0)
        {
            UsageErrors.Print(mistakes, parsed, terminal);
            return ExitCode.Usage;
        }

        var debug = parsed.GetValue(SharedOptions.Debug);
        try
        {
            return await parsed.InvokeAsync(new InvocationConfiguration
            {
                Output = terminal.Out,
                Error = terminal.Error,
                EnableDefaultExceptionHandler = false,
                ProcessTerminationTimeout = null, // `run` has its own idea of what a signal means
            });
        }
        catch (CliException e)
        {
            ErrorMessage.Print(e, terminal, debug);
            return e.ExitCode;
        }
        catch (OperationCanceledException)
        {
            return ExitCode.Interrupted;
        }
        catch (Exception e) // whatever reaches this line is a bug of ours
        {
            ErrorMessage.PrintBug(e, terminal, debug);
            return ExitCode.Failed;
        }
    }

    /// <summary>The whole command tree; completion scripts and tests read it too.</summary>
    public static RootCommand CreateRoot(Terminal terminal)
    {
        var root = new RootCommand("Runs dataflows of nodes and operators, written down in YAML.")
        {
            RunCommand.Create(terminal),
            BuildCommand.Create(terminal),
            ValidateCommand.Create(terminal),
            ExpandCommand.Create(terminal),
            GraphCommand.Create(terminal),
            NewCommand.Create(terminal),
            SchemaCommand.Create(terminal),
            ExplainCommand.Create(terminal),
            StateCommand.Create(terminal),
            DoctorCommand.Create(terminal),
            CompletionCommand.Create(terminal),
            DaemonCommand.Create(terminal),
        };
        root.Options.Add(SharedOptions.Debug);
        root.Options.OfType<VersionOption>().Single().Action = new PrintVersion(terminal);
        root.SetAction(_ => root.Parse("--help").Invoke(new InvocationConfiguration { Output = terminal.Out, Error = terminal.Error }));
        return root;
    }

    private sealed class PrintVersion(Terminal terminal) : SynchronousCommandLineAction
    {
        public override bool ClearsParseErrors => true;

        public override int Invoke(ParseResult parseResult)
        {
            terminal.Out.WriteLine($"dora {ProductInfo.Version}");
            return ExitCode.Success;
        }
    }
}
