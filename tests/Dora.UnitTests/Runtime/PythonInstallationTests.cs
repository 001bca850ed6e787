// SPDX-License-Identifier: Apache-2.0

using Dora.Runtime.Host.Python;

namespace Dora.UnitTests.Runtime;

/// <summary>Which Python operators run in, and what is said when there is none.</summary>
public sealed class PythonInstallationTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("dora-python-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void The_library_beside_the_interpreter_comes_before_the_systems()
    {
        HashSet<string> files = ["/opt/python/lib/libpython3.12.so.1.0", "/usr/lib/x86_64-linux-gnu/libpython3.12.so.1.0"];

        var found = PythonInstallation.From(Answer(), "python3", files.Contains);

        Assert.Equal(new("/venv/bin/python3", "3.12", "/opt/python/lib/libpython3.12.so.1.0"), found);
    }

    [Fact]
    public void Debian_keeps_it_in_the_folder_of_the_machines_kind() => Assert.Equal(
        "/opt/python/lib/x86_64-linux-gnu/libpython3.12.so.1.0",
        PythonInstallation.From(Answer(), "python3", "/opt/python/lib/x86_64-linux-gnu/libpython3.12.so.1.0".Equals).Library);

    [Fact]
    public void A_missing_library_is_named_with_what_installs_it() => Refused(
        "'python3' is Python 3.12, but its library libpython3.12.so is not installed (looked for libpython3.12.so.1.0 in /opt/python/lib, "
        + "/opt/python/lib/x86_64-linux-gnu, /usr/lib/x86_64-linux-gnu); on Debian: apt-get install libpython3.12; "
        + "with pyenv: PYTHON_CONFIGURE_OPTS=--enable-shared pyenv install 3.12",
        () => PythonInstallation.From(Answer(), "python3", _ => false));

    [Fact]
    public void Pythons_that_cannot_be_embedded_are_refused()
    {
        Refused("'python3' is Python 3.9; Python operators need 3.10 or later", () => PythonInstallation.From(Answer(minor: 9), "python3", _ => true));
        Refused("'python3' is pypy; Python operators need CPython, whose library can be embedded", () => PythonInstallation.From(Answer(implementation: "pypy"), "python3", _ => true));
        Refused(
            "'python3' is a free-threaded build; Python operators need one with a global interpreter lock",
            () => PythonInstallation.From(Answer(threaded: true), "python3", _ => true));
    }

    [Fact]
    public void The_virtual_environment_comes_before_the_path()
    {
        var (environment, path) = (Interpreter("venv/bin"), Interpreter("bin"));

        Assert.Equal(environment, PythonInstallation.FindExecutable(Path.Combine(_folder, "venv"), Path.Combine(_folder, "bin")));
        Assert.Equal(path, PythonInstallation.FindExecutable("", $"/nosuch:{Path.Combine(_folder, "bin")}"));
        Refused(
            $"VIRTUAL_ENV is '/nosuch', but there is no '/nosuch/bin/python3'; make the environment again with 'python3 -m venv /nosuch', or unset VIRTUAL_ENV",
            () => PythonInstallation.FindExecutable("/nosuch", Path.Combine(_folder, "bin")));
        Refused(
            "Python operators need Python, and there is no 'python3' in PATH; on Debian: apt-get install python3 libpython3.11",
            () => PythonInstallation.FindExecutable(null, "/nosuch"));
    }

    private static void Refused(string message, Func<object> find) => Assert.Equal(message, Assert.Throws<PythonMissingException>(find).Message);

    private static string Answer(int minor = 12, string implementation = "cpython", bool threaded = false) =>
        $$"""
        {"executable": "/venv/bin/python3", "major": 3, "minor": {{minor}}, "implementation": "{{implementation}}", "base": "/opt/python", "libdir": "/opt/python/lib",
         "multiarch": "x86_64-linux-gnu", "names": ["libpython3.12.so.1.0", "libpython3.12.so"], "threaded": {{(threaded ? "true" : "false")}}}
        """;

    private string Interpreter(string folder)
    {
        var path = Path.Combine(Directory.CreateDirectory(Path.Combine(_folder, folder)).FullName, "python3");
        File.WriteAllText(path, "");
        return path;
    }
}
