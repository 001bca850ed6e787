// SPDX-License-Identifier: Apache-2.0

using System.Diagnostics;
using Dora.Testing;

namespace Dora.IntegrationTests.Languages;

/// <summary>What programs in other languages are built against: headers and libdora as <c>bindings/c/build</c> lays them out.</summary>
internal static class Sdk
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(15); // the first build of libdora, on a busy machine
    private static readonly Lazy<string> Built = new(() => Tool.Run(Build, [], Patience).TrimEnd());
    private static readonly Lazy<string> BuiltStatic = new(() => Tool.Run(Build, ["--static"], Patience).TrimEnd());

    /// <summary>The folder with <c>include</c> and <c>lib</c>; made at the first use, unless it is there and up to date.</summary>
    public static string Prefix => Built.Value;

    /// <summary>The same, with the static library.</summary>
    public static string PrefixWithStatic => BuiltStatic.Value;

    public static string Include => Path.Combine(Prefix, "include");

    public static string Library => Path.Combine(Prefix, "lib");

    /// <summary>Folder of the test programs in a language.</summary>
    public static string Sources(string language) => Path.Combine(DoraExecutable.RepositoryRoot, "tests", "nodes", language);

    private static string Build => Path.Combine(DoraExecutable.RepositoryRoot, "bindings", "c", "build");
}

/// <summary>Compilers and the like.</summary>
internal static class Tool
{
    /// <summary>Longest wait for one of them; the machine may be busy.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    /// <summary>Runs a tool that must succeed.</summary>
    /// <returns>What it wrote to standard output.</returns>
    public static string Run(string program, IEnumerable<string> arguments, TimeSpan? patience = null, string? folder = null)
    {
        var (code, output, error) = Try(program, arguments, patience, folder);
        Assert.True(code == 0, $"{program} {string.Join(' ', arguments)}: exit code {code}\n{output}\n{error}");
        return output;
    }

    /// <summary>Runs a program to its end.</summary>
    public static (int ExitCode, string Out, string Error) Try(
        string program, IEnumerable<string> arguments, TimeSpan? patience = null, string? folder = null)
    {
        ProcessStartInfo start = new(program, arguments)
        {
            WorkingDirectory = folder ?? "",
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        if (!process.WaitForExit(patience ?? Patience))
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail($"{program} did not end");
        }

        return (process.ExitCode, output.GetAwaiter().GetResult(), error.GetAwaiter().GetResult());
    }
}
