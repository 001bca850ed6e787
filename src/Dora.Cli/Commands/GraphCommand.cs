// SPDX-License-Identifier: Apache-2.0

using System.CommandLine;
using Dora.Cli.Output;
using Dora.Cli.Pictures;

namespace Dora.Cli.Commands;

/// <summary><c>dora graph FILE</c>: a picture of the dataflow, as an HTML page or as Mermaid text.</summary>
internal static class GraphCommand
{
    public static Command Create(Terminal terminal)
    {
        var file = SharedOptions.Descriptor();
        var mermaid = new Option<bool>("--mermaid") { Description = "Mermaid text instead of a page; to standard output unless -o is given" };
        var open = new Option<bool>("--open") { Description = "Show the page in the browser" };
        var output = new Option<string?>("--output", "-o") { Description = "Where to write; '-' is standard output (default: NAME-graph.html in the current folder)" };
        var command = new Command("graph", "Draw a dataflow: an HTML page that opens offline, or Mermaid text") { file, mermaid, open, output };
        command.SetAction(parsed => Draw(
            parsed.GetValue(file)!, parsed.GetValue(mermaid), parsed.GetValue(open), parsed.GetValue(output), terminal));
        return command;
    }

    private static int Draw(string file, bool asMermaid, bool open, string? output, Terminal terminal)
    {
        if (open && (asMermaid || output == "-"))
            throw new CliException("--open shows a page, and here no page is written to a file", ExitCode.Usage, "leave out --open, --mermaid or '-o -'");
        if (Descriptors.LoadAndReport(file, Descriptors.ForLooking(), terminal) is not { } graph)
            return ExitCode.InvalidDescriptor;

        var picture = DataflowPicture.Of(graph);
        var text = asMermaid ? MermaidWriter.Write(picture) : HtmlPage.Write(picture);
        output ??= asMermaid ? "-" : Path.GetFileNameWithoutExtension(file) + "-graph.html";
        if (output == "-")
        {
            terminal.Out.Write(text);
            return ExitCode.Success;
        }

        try
        {
            File.WriteAllText(output, text);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CliException($"cannot write '{output}': {e.Message}", ExitCode.Failed, inner: e);
        }

        terminal.Out.WriteLine(output);
        if (open)
            Browser.Open(output, terminal);
        return ExitCode.Success;
    }
}
