// SPDX-License-Identifier: Apache-2.0

namespace Dora.Cli.Building;

/// <summary>The Python of <c>.py</c> nodes and of operators in Python.</summary>
internal static class PythonInterpreter
{
    private const string EnvironmentVariable = "VIRTUAL_ENV";

    /// <summary>That of the virtual environment, else <c>python3</c>, or <c>python</c>, of <c>PATH</c>; null if there is none.</summary>
    /// <param name="folder">Of the dataflow.</param>
    /// <exception cref="CliException"><c>VIRTUAL_ENV</c> names a folder without an interpreter.</exception>
    public static string? Find(string folder)
    {
        if (Environment.GetEnvironmentVariable(EnvironmentVariable) is not { Length: > 0 } active)
            return Beside(folder) is { } found ? Interpreter(found) : ProgramSearch.InPath("python3") ?? ProgramSearch.InPath("python");
        var interpreter = Interpreter(Path.GetFullPath(active));
        return ProgramSearch.IsExecutable(interpreter)
            ? interpreter
            : throw new CliException(
                $"{EnvironmentVariable} is {active}, where there is no bin/python3", ExitCode.Failed, $"activate an environment that exists, or unset {EnvironmentVariable}");
    }

    /// <summary>What a runtime's environment needs, so that it finds the same; null if it does by itself.</summary>
    public static (string Name, string Value)? ForRuntime(string folder) =>
        Environment.GetEnvironmentVariable(EnvironmentVariable) is not { Length: > 0 } && Beside(folder) is { } found ? (EnvironmentVariable, found) : null;

    /// <summary>The environment <c>.venv</c> beside the dataflow, as its build lines or an editor make it.</summary>
    private static string? Beside(string folder)
    {
        var found = Path.Combine(folder, ".venv");
        return ProgramSearch.IsExecutable(Interpreter(found)) ? found : null;
    }

    private static string Interpreter(string environment) => Path.Combine(environment, "bin", "python3");
}
