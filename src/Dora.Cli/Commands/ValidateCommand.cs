// SPDX-License-Identifier: Apache-2.0

using System.CommandLine;
using Dora.Cli.Output;
using Dora.Dataflows;

namespace Dora.Cli.Commands;

/// <summary><c>dora validate FILE</c>: every check of <c>run</c>, nothing built and nothing started.</summary>
internal static class ValidateCommand
{
    public static Command Create(Terminal terminal)
    {
        var file = SharedOptions.Descriptor();
        var strictTypes = SharedOptions.StrictTypes();
        var format = SharedOptions.Format();
        var command = new Command("validate", "Check a dataflow without starting it") { file, strictTypes, format };
        command.SetAction(parsed => Validate(parsed.GetValue(file)!, parsed.GetValue(strictTypes), parsed.GetValue(format) == "json", terminal));
        return command;
    }

    private static int Validate(string file, bool strictTypes, bool json, Terminal terminal)
    {
        Descriptors.RequireFile(file);
        var result = DescriptorLoader.Load(file, new LoadOptions
        {
            Environment = Descriptors.ProcessEnvironment(),
            StrictTypes = strictTypes,
            AllowShell = true, // whether it may run is decided where it runs
        });
        if (json)
        {
            DiagnosticJson.Write(result, terminal.Out);
        }
        else
        {
            DiagnosticPrinter.Print(result.Diagnostics, terminal);
            if (!result.HasErrors)
                terminal.Error.WriteLine($"{file}: {terminal.ErrorInk.Green("valid")}, {GraphSummary.Counts(result.Graph!)}");
        }

        return result.HasErrors ? ExitCode.InvalidDescriptor : ExitCode.Success;
    }
}
