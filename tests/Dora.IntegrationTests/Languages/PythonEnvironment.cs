// SPDX-License-Identifier: Apache-2.0

using System.Diagnostics;
using Dora.IntegrationTests.Faults;
using Dora.Testing;

namespace Dora.IntegrationTests.Languages;

/// <summary>A virtual environment of Debian's Python with the package <c>dora</c>, installed as a user does. Made once for a test class.</summary>
public sealed class PythonEnvironment : IAsyncLifetime
{
    /// <summary>Building libdora and the extensions is part of it, on a machine that may be busy.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(15);

    private readonly string _folder = Directory.CreateTempSubdirectory("dora-python-").FullName;

    /// <summary>The package's sources.</summary>
    public static string Package => Path.Combine(DoraExecutable.RepositoryRoot, "bindings", "python");

    /// <summary>The interpreter that finds the package.</summary>
    public string Interpreter => Path.Combine(Bin, "python3");

    /// <summary>Of the environment.</summary>
    public string Bin => Path.Combine(_folder, "venv", "bin");

    /// <summary>One of the test programs.</summary>
    public static string Program(string name) => Path.Combine(Package, "tests", "nodes", name);

    public async ValueTask InitializeAsync()
    {
        await Succeed("/usr/bin/python3", "-m", "venv", "--system-site-packages", Path.Combine(_folder, "venv"));
        await Succeed(Path.Combine(Bin, "pip"), "install", "--quiet", "--no-build-isolation", "--no-index", "--disable-pip-version-check", Package);
    }

    public ValueTask DisposeAsync()
    {
        Directory.Delete(_folder, recursive: true);
        return ValueTask.CompletedTask;
    }

    /// <summary>Runs a program to its end.</summary>
    /// <returns>What it wrote.</returns>
    public async Task<string> Succeed(string program, params string[] arguments)
    {
        ProcessStartInfo start = new(program, arguments) { WorkingDirectory = _folder, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["PATH"] = $"{Bin}:{Environment.GetEnvironmentVariable("PATH")}";
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
        run.Environment["VIRTUAL_ENV"] = Path.Combine(_folder, "venv");
        run.Environment["PATH"] = $"{Bin}:{Environment.GetEnvironmentVariable("PATH")}";
        run.Environment["PYTHONDEVMODE"] = "1";
        run.Environment["PYTHONWARNINGS"] = "error";
        return run;
    }
}
