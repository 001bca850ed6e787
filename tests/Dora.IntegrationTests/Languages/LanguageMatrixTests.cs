// SPDX-License-Identifier: Apache-2.0

using System.Text.RegularExpressions;
using Dora.Testing;

namespace Dora.IntegrationTests.Languages;

/// <summary>The example whose nodes and operators in all languages send each other everything and check it.</summary>
[Collection(LanguageCollection.Name)]
public sealed partial class LanguageMatrixTests
{
    /// <summary>Compilers of five languages are part of it, on a machine that may be busy.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(15);

    private static readonly string Folder = Path.Combine(DoraExecutable.RepositoryRoot, "examples", "languages");
    private static readonly Lazy<bool> Built = new(Build);

    private static readonly string[] Cases =
        ["empty", "bytes-8", "bytes-4096", "bytes-4194304", "int64", "float32", "string", "struct", "list", "nulls", "null-struct", "sliced"];

    private static readonly string[] Peers =
    [
        .. from language in (string[])["csharp", "python", "rust", "c", "cpp"]
           from kind in (string[])["node", "operator"]
           select $"{language}-{kind}",
    ];

    [Fact]
    public void Every_node_and_operator_checks_every_message_of_every_other_in_all_languages()
    {
        Assert.True(Built.Value);
        var filesBefore = Files();
        var runtimeFolder = Directory.CreateTempSubdirectory("dora-matrix-").FullName;
        try
        {
            var (code, output, error) = Run("dataflow.yml", runtimeFolder);

            Assert.True(code == 0, $"exit code {code}\n{output}\n{error}");
            var seen = Checked().Matches($"{output}\n{error}") // records that operators log are on standard error
                .SelectMany(line => line.Groups["cases"].Value.Split(' '), (line, name) => (line.Groups["to"].Value, line.Groups["from"].Value, name))
                .ToHashSet();
            string[] missing =
            [
                .. from to in Peers
                   from @from in Peers
                   from name in Cases
                   where !seen.Contains((to, @from, name))
                   select $"{to} <- {@from}: {name}",
            ];
            Assert.True(missing.Length == 0, $"{missing.Length} were not checked:\n{string.Join('\n', missing)}\n{output}");
            Assert.Equal(Peers.Length * Peers.Length * Cases.Length, seen.Count);

            Assert.Empty(ProcessesOfTheExample());
            Assert.Empty(Directory.EnumerateFiles(runtimeFolder, "*", SearchOption.AllDirectories)); // no socket
            Assert.Equal(filesBefore, Files());
        }
        finally
        {
            Directory.Delete(runtimeFolder, recursive: true);
        }
    }

    [Fact]
    public void A_message_that_is_not_what_its_metadata_says_is_refused_and_named()
    {
        Assert.True(Built.Value);
        var runtimeFolder = Directory.CreateTempSubdirectory("dora-matrix-").FullName;
        var altered = Path.Combine(Folder, $"altered-{Guid.NewGuid():N}.yml"); // beside the other, for the paths in it
        var program = Path.Combine(runtimeFolder, "altered.py");
        try
        {
            File.WriteAllText(program, $$"""
                import sys
                sys.path.insert(0, "{{Folder}}/python")
                import cases
                class Lying(dict):
                    def __getitem__(self, case):
                        data = dict.__getitem__(self, case)
                        return b"changed!" if case == "bytes-8" and sys._getframe(1).f_code.co_name == "send" else data
                cases.CASES = Lying(cases.CASES)
                sys.argv = ["{{Folder}}/python/peer_node.py"]
                exec(compile(open(sys.argv[0]).read(), sys.argv[0], "exec"))
                """);
            File.WriteAllText(altered, File.ReadAllText(Path.Combine(Folder, "dataflow.yml")).Replace("-u python/peer_node.py", $"-u {program}", StringComparison.Ordinal));

            var (code, output, error) = Run(Path.GetFileName(altered), runtimeFolder);

            Assert.True(code == 1, $"exit code {code}\n{output}\n{error}");
            Assert.Matches(@"differs \S+ <- python-node: case bytes-8: .*checksum", output + error);
            Assert.DoesNotMatch(@"differs \S+ <- (?!python-node)\S+ case \S+ (?!came twice)", output + error); // operators are started again, and send again
            Assert.Empty(ProcessesOfTheExample());
        }
        finally
        {
            File.Delete(altered);
            Directory.Delete(runtimeFolder, recursive: true);
        }
    }

    private static bool Build()
    {
        _ = Sdk.Prefix;
        Tool.Run("env", [.. Variables(Path.GetTempPath()), DoraExecutable.Path, "build", "dataflow.yml"], Patience, Folder);
        return true;
    }

    private static (int ExitCode, string Out, string Error) Run(string file, string runtimeFolder) =>
        Tool.Try("env", [.. Variables(runtimeFolder), DoraExecutable.Path, "run", file, "--log-dir", "none"], Patience, Folder);

    /// <summary>Debian's Python, which has what it takes to install the package; no <c>__pycache__</c> in the example.</summary>
    private static string[] Variables(string runtimeFolder) =>
    [
        $"PATH=/usr/bin:{Environment.GetEnvironmentVariable("PATH")}",
        $"XDG_RUNTIME_DIR={runtimeFolder}",
        "PYTHONDONTWRITEBYTECODE=1",
        "CARGO_NET_OFFLINE=true",
    ];

    private static string[] Files() =>
        [.. Directory.EnumerateFiles(Folder, "*", SearchOption.AllDirectories).Select(f => Path.GetRelativePath(Folder, f)).Order(StringComparer.Ordinal)];

    /// <summary>Command lines of processes that were started from the example's folder.</summary>
    private static string[] ProcessesOfTheExample() =>
    [
        .. from process in Directory.EnumerateDirectories("/proc")
           where int.TryParse(Path.GetFileName(process), out _)
           let line = CommandLine(process)
           where line.Contains(Folder, StringComparison.Ordinal)
           select line,
    ];

    private static string CommandLine(string process)
    {
        try
        {
            return File.ReadAllText(Path.Combine(process, "cmdline")).Replace('\0', ' ');
        }
        catch (IOException)
        {
            return ""; // it has just ended
        }
        catch (UnauthorizedAccessException)
        {
            return "";
        }
    }

    [GeneratedRegex(@"checked (?<to>\S+) <- (?<from>\S+): (?<cases>[^\r\n]*\S)")]
    private static partial Regex Checked();
}
