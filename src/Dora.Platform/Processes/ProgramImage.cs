// SPDX-License-Identifier: Apache-2.0

using System.Runtime.InteropServices;

namespace Dora.Platform.Processes;

/// <summary>execve: becoming another program.</summary>
/// <remarks>All memory that the call needs is allocated by the constructor, so that nothing has to be once limits are in force.</remarks>
public sealed unsafe partial class ProgramImage : IDisposable
{
    private readonly NativeStrings _argv;
    private readonly NativeStrings _envp;
    private readonly nint _path;

    /// <summary>Prepares.</summary>
    /// <param name="path">Absolute path of the program.</param>
    /// <param name="arguments">argv, the program's own name included.</param>
    /// <param name="environment">The whole environment.</param>
    public ProgramImage(string path, IReadOnlyCollection<string> arguments, IEnumerable<KeyValuePair<string, string>> environment)
    {
        _argv = new NativeStrings(arguments);
        _envp = NativeStrings.OfEnvironment(environment);
        _path = Marshal.StringToCoTaskMemUTF8(path);
        // Fails with ENOENT, and has the call compiled and bound by now.
        var empty = stackalloc byte[1];
        _ = execve(empty, _argv.Pointer, _envp.Pointer);
    }

    /// <summary>Replaces this process by the program. Returns only on failure: the error number.</summary>
    public int Execute()
    {
        _ = execve((byte*)_path, _argv.Pointer, _envp.Pointer);
        return Marshal.GetLastPInvokeError();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _argv.Dispose();
        _envp.Dispose();
        Marshal.FreeCoTaskMem(_path);
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int execve(byte* path, byte** argv, byte** envp);
}
