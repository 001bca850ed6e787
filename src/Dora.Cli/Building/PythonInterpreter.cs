// SPDX-License-Identifier: Apache-2.0

namespace Dora.Cli.Building;

/// <summary>The Python that runs <c>.py</c> nodes.</summary>
internal static class PythonInterpreter
{
    /// <summary>That of the active virtual environment, else <c>python3</c>, or <c>python</c>, of <c>PATH</c>; null if there is none.</summary>
    /// <exception cref="CliException"><c>VIRTUAL_ENV</c> names a folder without an interpreter.</exception>
    public static string? Find()
    {
        if (Environment.GetEnvironmentVariable("VIRTUAL_ENV") is not { Length: > 0 } environment)
            return ProgramSearch.InPath("python3") ?? ProgramSearch.InPath("python");
        var interpreter = Path.Combine(Path.GetFullPath(environment), "bin", "python3");
        return ProgramSearch.IsExecutable(interpreter)
            ? interpreter
            : throw new CliException($"VIRTUAL_ENV is {environment}, where there is no bin/python3", ExitCode.Failed, "activate an environment that exists, or unset VIRTUAL_ENV");
    }
}
