// SPDX-License-Identifier: Apache-2.0

using System.Diagnostics;
using System.Text.Json;

namespace Dora.Runtime.Host.Python;

/// <summary>No interpreter can be had; the message says what is missing and how to get it.</summary>
internal sealed class PythonMissingException(string message) : Exception(message);

/// <summary>The Python that <c>python3</c> would be here: that of the active virtual environment, or else the first in PATH.</summary>
/// <param name="Executable">What Python calls itself; in a virtual environment, the one there.</param>
/// <param name="Version">Major and minor.</param>
/// <param name="Library">Path of libpython, or its name where the system's loader knows it.</param>
internal sealed record PythonInstallation(string Executable, string Version, string Library)
{
    private const int MinorMin = 10;

    // Answers with all that decides which library is the interpreter's own.
    private const string Question =
        "import json, sys, sysconfig as s; v = s.get_config_var; print(json.dumps(dict(executable=sys.executable, major=sys.version_info[0], "
        + "minor=sys.version_info[1], implementation=sys.implementation.name, base=sys.base_prefix, libdir=v('LIBDIR') or '', multiarch=v('MULTIARCH') or '', "
        + "names=[n for n in (v('INSTSONAME'), v('LDLIBRARY')) if n and '.so' in n], threaded=bool(v('Py_GIL_DISABLED')))))";

    /// <summary>Asks the interpreter.</summary>
    /// <exception cref="PythonMissingException">There is none, it is too old, or its library is not installed.</exception>
    public static PythonInstallation Find()
    {
        var python = FindExecutable(Environment.GetEnvironmentVariable("VIRTUAL_ENV"), Environment.GetEnvironmentVariable("PATH") ?? "");
        return From(Ask(python), python, File.Exists);
    }

    /// <summary><c>python3</c> of a virtual environment, or of a PATH.</summary>
    /// <exception cref="PythonMissingException">There is none.</exception>
    internal static string FindExecutable(string? virtualEnvironment, string path)
    {
        if (!string.IsNullOrEmpty(virtualEnvironment))
        {
            var python = Path.Combine(virtualEnvironment, "bin", "python3");
            return File.Exists(python)
                ? python
                : throw new PythonMissingException(
                    $"VIRTUAL_ENV is '{virtualEnvironment}', but there is no '{python}'; make the environment again with 'python3 -m venv {virtualEnvironment}', "
                    + "or unset VIRTUAL_ENV");
        }

        return path.Split(':', StringSplitOptions.RemoveEmptyEntries).Select(folder => Path.Combine(folder, "python3")).FirstOrDefault(File.Exists)
            ?? throw new PythonMissingException("Python operators need Python, and there is no 'python3' in PATH; on Debian: apt-get install python3 libpython3.11");
    }

    /// <summary>Reads the answer to <see cref="Question"/>.</summary>
    /// <param name="answer">JSON.</param>
    /// <param name="python">Who was asked, for messages.</param>
    /// <param name="exists">Whether there is a file.</param>
    /// <exception cref="PythonMissingException">It cannot be used.</exception>
    internal static PythonInstallation From(string answer, string python, Func<string, bool> exists)
    {
        using var document = JsonDocument.Parse(answer);
        var root = document.RootElement;
        var (major, minor) = (root.GetProperty("major").GetInt32(), root.GetProperty("minor").GetInt32());
        var version = $"{major}.{minor}";
        if (major != 3 || minor < MinorMin)
            throw new PythonMissingException($"'{python}' is Python {version}; Python operators need 3.{MinorMin} or later");
        if (Text("implementation") != "cpython")
            throw new PythonMissingException($"'{python}' is {Text("implementation")}; Python operators need CPython, whose library can be embedded");
        if (root.GetProperty("threaded").GetBoolean())
            throw new PythonMissingException($"'{python}' is a free-threaded build; Python operators need one with a global interpreter lock");

        string[] names = [.. root.GetProperty("names").EnumerateArray().Select(n => n.GetString()!), $"libpython{version}.so.1.0", $"libpython{version}.so"];
        string[] folders = [Text("libdir"), Path.Combine(Text("libdir"), Text("multiarch")), Path.Combine(Text("base"), "lib"), Path.Combine("/usr/lib", Text("multiarch"))];
        var candidates = folders.Where(f => f.Length > 0).Distinct().SelectMany(f => names.Distinct().Select(n => Path.Combine(f, n))).ToArray();
        var library = candidates.FirstOrDefault(exists) ?? throw new PythonMissingException(
            $"'{python}' is Python {version}, but its library libpython{version}.so is not installed (looked for {names[0]} in {string.Join(", ", folders.Where(f => f.Length > 0).Distinct())}); "
            + $"on Debian: apt-get install libpython{version}; with pyenv: PYTHON_CONFIGURE_OPTS=--enable-shared pyenv install {version}");
        return new PythonInstallation(Text("executable"), version, library);

        string Text(string name) => root.GetProperty(name).GetString() ?? "";
    }

    private static string Ask(string python)
    {
        var start = new ProcessStartInfo(python, ["-c", Question]) { RedirectStandardOutput = true, RedirectStandardError = true };
        try
        {
            using var process = Process.Start(start)!;
            var error = process.StandardError.ReadToEndAsync();
            var answer = process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            return process.ExitCode == 0
                ? answer
                : throw new PythonMissingException($"'{python}' cannot be used for Python operators; asked about itself, it answered: {error.Result.Trim()}");
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            throw new PythonMissingException($"'{python}' cannot be started: {e.Message}");
        }
    }
}
