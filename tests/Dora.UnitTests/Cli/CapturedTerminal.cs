// SPDX-License-Identifier: Apache-2.0

using Dora.Cli;
using Dora.Cli.Output;

namespace Dora.UnitTests.Cli;

/// <summary>A terminal that remembers, and a folder of its own for files.</summary>
internal sealed class CapturedTerminal : IDisposable
{
    private readonly StringWriter _out = new() { NewLine = "\n" };
    private readonly StringWriter _error = new() { NewLine = "\n" };

    public CapturedTerminal(bool coloured = false, int width = 120) => Terminal = new Terminal
    {
        Out = TextWriter.Synchronized(_out),
        Error = TextWriter.Synchronized(_error),
        OutInk = Ink.When(coloured),
        ErrorInk = Ink.When(coloured),
        Width = width,
    };

    public Terminal Terminal { get; }

    public string Folder { get; } = Directory.CreateTempSubdirectory("dora-cli-").FullName;

    public string Out => _out.ToString();

    public string Error => _error.ToString();

    public Task<int> Run(params string[] args) => CommandLine.RunAsync(args, Terminal);

    public string Write(string name, string text)
    {
        var path = Path.Combine(Folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
        return path;
    }

    public void Dispose()
    {
        Directory.Delete(Folder, recursive: true);
        _out.Dispose();
        _error.Dispose();
    }
}
