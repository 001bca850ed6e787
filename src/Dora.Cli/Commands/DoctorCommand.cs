// SPDX-License-Identifier: Apache-2.0

using System.CommandLine;
using Dora.Cli.Checks;
using Dora.Cli.Output;
using Spectre.Console;

namespace Dora.Cli.Commands;

/// <summary><c>dora doctor</c>: whether this machine has what dora needs.</summary>
internal static class DoctorCommand
{
    public static Command Create(Terminal terminal)
    {
        var format = SharedOptions.Format();
        var command = new Command("doctor", "Check that this machine has what dora needs") { format };
        command.SetAction((parsed, cancel) => CheckAsync(parsed.GetValue(format) == "json", terminal, cancel));
        return command;
    }

    private static async Task<int> CheckAsync(bool json, Terminal terminal, CancellationToken cancel)
    {
        IReadOnlyList<Check> checks = [.. await BuildChecks.AllAsync(cancel), .. KernelChecks.All(), .. LimitChecks.All()];
        if (json)
            WriteJson(checks, terminal.Out);
        else
            WriteTable(checks, terminal);
        return checks.Any(c => c.State == CheckState.Failed) ? ExitCode.Failed : ExitCode.Success;
    }

    private static void WriteTable(IReadOnlyList<Check> checks, Terminal terminal)
    {
        var table = new Table().Border(TableBorder.None).HideHeaders().AddColumn("").AddColumn("").AddColumn("");
        foreach (var check in checks)
        {
            var (word, colour) = check.State switch
            {
                CheckState.Ok => ("ok", Color.Green),
                CheckState.Note => ("note", Color.Yellow),
                _ => ("FAILED", Color.Red),
            };
            table.AddRow(new Text(word, new Style(colour)), new Text(check.Name), new Text(check.Detail + (check.Fix is { } fix ? $"\n→ {fix}" : "")));
        }

        terminal.OutTables().Write(table);
        var failed = checks.Count(c => c.State == CheckState.Failed);
        terminal.Error.WriteLine(failed == 0 ? "dora can run dataflows here" : $"{Words.Count(failed, "check")} failed: dora cannot run dataflows here");
    }

    private static void WriteJson(IReadOnlyList<Check> checks, TextWriter to) => JsonText.Write(to, json =>
    {
        json.WriteStartArray();
        foreach (var check in checks)
        {
            json.WriteStartObject();
            json.WriteString("name", check.Name);
            json.WriteString("state", check.State.ToString().ToLowerInvariant());
            json.WriteString("detail", check.Detail);
            json.WriteString("fix", check.Fix);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    });
}
