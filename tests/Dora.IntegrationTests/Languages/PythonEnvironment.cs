// SPDX-License-Identifier: Apache-2.0

using System.Diagnostics;
using Dora.IntegrationTests.Faults;
using Dora.Testing;

namespace Dora.IntegrationTests.Languages;

/// <summary>A virtual environment of Debian's Python with the package <c>dora</c>, installed as a user does. Made once, for all test classes.</summary>
public sealed class PythonEnvironment : IAsyncLifetime
{
    /// <summary>Building libdora and the extensions is part of it, on a machine that may be busy.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(15);

    private static readonly string Folder = Directory.CreateTempSubdirectory("dora-python-").FullName;
    private static readonly Lazy<Task> Made = new(Make);

    static PythonEnvironment() => AppDomain.CurrentDomain.ProcessExit += (_, _) => Directory.Delete(Folder, recursive: true);

    private static string Programs => Path.Combine(Folder, "venv", "bin");

    /// <summary>The package's sources.</summary>
    public static string Package => Path.Combine(DoraExecutable.RepositoryRoot, "bindings", "python");

    /// <summary>The interpreter that finds the package.</summary>
    public string Interpreter => Path.Combine(Bin, "python3");

    /// <summary>Of the environment.</summary>
    public string Bin => Programs;

    /// <summary>One of the test programs.</summary>
    public static string Program(string name) => Path.Combine(Package, "tests", "nodes", name);

    public ValueTask InitializeAsync() => new(Made.Value);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    /// <summary>Runs a program to its end.</summary>
    /// <returns>What it wrote.</returns>
    public Task<string> Succeed(string program, params string[] arguments) => Run(program, arguments);

    private static async Task Make()
    {
        await Run("/usr/bin/python3", "-m", "venv", "--system-site-packages", Path.Combine(Folder, "venv"));
        await Run(Path.Combine(Programs, "pip"), "install", "--quiet", "--no-build-isolation", "--no-index", "--disable-pip-version-check", Package);
    }

    private static async Task<string> Run(string program, params string[] arguments)
    {
        ProcessStartInfo start = new(program, arguments) { WorkingDirectory = Folder, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["PATH"] = $"{Programs}:{Environment.GetEnvironmentVariable("PATH")}";
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        try
        {
            await process.WaitForExitAsync().WaitAsync(Patience);
        }
        catch (TimeoutException)
        {
            process.Kill(entireProcessTree: true);
        }

        var text = $"{await output}\n{await errors}";
        Assert.True(process.HasExited && process.ExitCode == 0, $"{program} {string.Join(' ', arguments)} failed or took longer than {Patience}:\n{text}");
        return text;
    }

    /// <summary>A run whose <c>.py</c> nodes use this environment, under <c>-X dev</c>, with warnings as errors.</summary>
    internal DataflowRun Run()
    {
        DataflowRun run = new();
        run.Environment["VIRTUAL_ENV"] = Path.Combine(Folder, "venv");
        run.Environment["PATH"] = $"{Programs}:{Environment.GetEnvironmentVariable("PATH")}";
        run.Environment["PYTHONDEVMODE"] = "1";
        run.Environment["PYTHONWARNINGS"] = "error";
        return run;
    }
}
