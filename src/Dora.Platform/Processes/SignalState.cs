// SPDX-License-Identifier: Apache-2.0

using System.Runtime.InteropServices;

namespace Dora.Platform.Processes;

/// <summary>What the next program inherits of this one's signal handling.</summary>
public static partial class SignalState
{
    private const int SigSetMask = 2;
    private const int SigSetBytes = 128;    // sigset_t of glibc and musl
    private const int SigActionBytes = 256; // struct sigaction is 152 bytes; the handler comes first
    private const nint SigDfl = 0;
    private const nint SigIgn = 1;

    /// <summary>Unblocks every signal on this thread and gives up ignoring any, so that execve starts a program with defaults.</summary>
    /// <remarks>Handlers need no care: execve resets them. .NET ignores SIGPIPE, which would be inherited.</remarks>
    public static void RestoreDefaults()
    {
        Span<byte> action = stackalloc byte[SigActionBytes];
        for (var signal = 1; signal <= Signal.Max; signal++)
        {
            action.Clear();
            if (sigaction(signal, 0, action) == 0 && MemoryMarshal.Read<nint>(action) == SigIgn)
                SetHandler(signal, SigDfl);
        }
        ReadOnlySpan<byte> none = stackalloc byte[SigSetBytes];
        if (pthread_sigmask(SigSetMask, none, 0) is var errno and not 0)
            throw new PlatformException("pthread_sigmask", errno);
    }

    /// <summary>Makes this process deaf to signals. Programs that <see cref="ProcessSpawner"/> starts are not.</summary>
    public static void Ignore(params ReadOnlySpan<int> signals)
    {
        foreach (var signal in signals)
            SetHandler(signal, SigIgn);
    }

    [LibraryImport("libc")]
    private static partial int sigaction(int signal, nint replacement, Span<byte> current);

    [LibraryImport("libc", EntryPoint = "signal")]
    private static partial nint SetHandler(int signal, nint handler);

    [LibraryImport("libc")]
    private static partial int pthread_sigmask(int how, ReadOnlySpan<byte> set, nint old);
}
