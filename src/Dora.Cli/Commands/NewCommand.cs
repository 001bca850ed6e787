// SPDX-License-Identifier: Apache-2.0

using System.CommandLine;
using Dora.Cli.Output;
using Dora.Cli.Templates;
using Dora.Dataflows.Schema;

namespace Dora.Cli.Commands;

/// <summary><c>dora new NAME</c>: a dataflow, a node or an operator that runs as it is.</summary>
internal static class NewCommand
{
    public static Command Create(Terminal terminal)
    {
        var name = new Argument<string>("NAME") { Description = "Of the folder (dataflow), of the node, or of the operator" };
        var kind = new Option<string>("--kind") { Description = "What to write", DefaultValueFactory = _ => "dataflow" }
            .AcceptOnlyFromAmong("dataflow", "node", "operator");
        var language = new Option<string>("--lang") { Description = "Programming language", DefaultValueFactory = _ => "csharp" }
            .AcceptOnlyFromAmong("csharp", "python", "rust", "c", "cpp");
        var command = new Command("new", "Write a dataflow, a node or an operator to start from") { name, kind, language };
        command.SetAction(parsed => Write(parsed.GetValue(name)!, parsed.GetValue(kind)!, parsed.GetValue(language)!, terminal));
        return command;
    }

    private static int Write(string name, string kind, string language, Terminal terminal)
    {
        var word = Path.GetFileName(Path.TrimEndingDirectorySeparator(name));
        if (word.Length is 0 or > 64 || word[0] == '.' || word == "dora" || !word.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_' or '.'))
            throw new CliException($"'{word}' cannot be a name", ExitCode.Usage, "use letters, digits, '-', '_' and '.', at most 64, not starting with '.'");

        var folder = Path.GetDirectoryName(name) ?? "";
        IReadOnlyList<(string Path, string Text)> files = (kind, language) switch
        {
            ("dataflow", _) => [.. Dataflow(word, language).Select(f => (Path.Combine(name, f.Name), f.Text)), (Path.Combine(name, "dataflow.schema.json"), DataflowSchema.Generate())],
            ("node", "rust") => [.. RustTemplates.Node(word, Crate, Sdk).Select(f => (Path.Combine(name, f.Name), f.Text))],
            ("operator", "rust") => [.. RustTemplates.Operator(word, Crate).Select(f => (Path.Combine(name, f.Name), f.Text))],
            ("node", "python") => [(Path.Combine(folder, word + ".py"), PythonTemplates.Node(word, PythonInstall))],
            ("operator", "python") => [(Path.Combine(folder, word + ".py"), PythonTemplates.Operator(word, PythonInstall))],
            ("node", "c" or "cpp") => [(Path.Combine(folder, $"{word}.{language}"), NativeTemplates.Node(language, word, Sdk))],
            ("operator", "c" or "cpp") => [(Path.Combine(folder, $"{word}.{language}"), NativeTemplates.Operator(language, word, Sdk))],
            ("node", _) => [(Path.Combine(folder, word + ".cs"), TemplateText.Node(Library("Dora.Nodes"), word))],
            _ => [(Path.Combine(folder, ClassName(word) + ".cs"),
                TemplateText.Operator(Library("Dora.Operators"), ClassName(word), TemplateText.OperatorYaml(ClassName(word))))],
        };
        var existing = files.FirstOrDefault(f => File.Exists(f.Path)).Path;
        if (existing is not null)
            throw new CliException($"{existing} is already there", ExitCode.Usage, "choose another name");
        foreach (var (path, text) in files)
        {
            if (Path.GetDirectoryName(path) is { Length: > 0 } parent)
                Directory.CreateDirectory(parent);
            File.WriteAllText(path, text);
            terminal.Out.WriteLine(path);
        }

        if (kind == "dataflow" && language != "csharp")
            terminal.Error.WriteLine($"build it with: dora build {files[0].Path}");
        if (kind == "dataflow")
            terminal.Error.WriteLine($"start it with: dora run {files[0].Path}");
        return ExitCode.Success;
    }

    private static IEnumerable<(string Name, string Text)> Dataflow(string name, string language) => language switch
    {
        "python" => PythonTemplates.Dataflow(PythonInstall),
        "rust" => RustTemplates.Dataflow(name, Crate, Sdk),
        "c" or "cpp" => NativeTemplates.Dataflow(language, Sdk),
        _ =>
        [
            ("dataflow.yml", TemplateText.Dataflow("dataflow.schema.json")),
            ("source.cs", TemplateText.Source(Library("Dora.Nodes"))),
            ("Doubler.cs", TemplateText.Operator(Library("Dora.Operators"), "Doubler", "")),
            ("sink.cs", TemplateText.Sink(Library("Dora.Nodes"))),
        ],
    };

    /// <summary>What prints the folder of dora's headers and library: built from the checkout this dora was built in, else where pkg-config looks.</summary>
    private static string Sdk => Installation.Checkout is { } checkout
        ? Path.Combine(checkout, "bindings", "c", "build")
        : "pkg-config --variable=prefix dora";

    /// <summary>Where cargo finds a crate of dora: in that checkout, else in the registry.</summary>
    private static string Crate(string name) => Installation.Checkout is { } checkout
        ? $"{{ path = \"{Path.Combine(checkout, "bindings", "rust", name)}\" }}"
        : $"\"{ReleasedVersion}\"";

    /// <summary>The line that makes a virtual environment with the package: that of the checkout, which needs nothing from the network, else the published one.</summary>
    private static string PythonInstall => Installation.Checkout is { } checkout
        ? Path.Combine(checkout, "bindings", "python", "install")
        : $"python3 -m venv --system-site-packages .venv && .venv/bin/pip install --quiet dora=={ReleasedVersion}";

    private static string ReleasedVersion => ProductInfo.Version.Split('+')[0];

    /// <summary>The directive that brings the library: from the checkout this dora was built in, else as a package of the same version.</summary>
    private static string Library(string name) => Installation.Checkout is { } checkout
        ? $"#:project {Path.Combine(checkout, "src", name)}"
        : $"#:package {name}@{ReleasedVersion}";

    /// <summary><c>object-filter</c> → <c>ObjectFilter</c>.</summary>
    internal static string ClassName(string name)
    {
        var parts = name.Split(['-', '_', '.'], StringSplitOptions.RemoveEmptyEntries);
        var joined = string.Concat(parts.Select(p => char.ToUpperInvariant(p[0]) + p[1..]));
        return char.IsAsciiDigit(joined[0]) ? "Operator" + joined : joined;
    }
}
