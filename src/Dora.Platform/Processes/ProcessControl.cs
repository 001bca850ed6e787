// SPDX-License-Identifier: Apache-2.0

using System.Runtime.InteropServices;

namespace Dora.Platform.Processes;

/// <summary>Attributes of this process or thread that prctl sets.</summary>
public static partial class ProcessControl
{
    private const int PrSetPDeathSig = 1;
    private const int PrSetName = 15;
    private const int PrSetChildSubreaper = 36;
    private const int PrSetNoNewPrivs = 38;

    /// <summary>Has the kernel send a signal when the thread that started us ends; survives execve (not of setuid programs).</summary>
    /// <remarks>It may already have ended: compare the parent's pid afterwards.</remarks>
    public static void SetParentDeathSignal(int signal) => Set(PrSetPDeathSig, signal, "PR_SET_PDEATHSIG");

    /// <summary>From now on no execve gives more rights than we have: setuid bits and file capabilities do nothing.</summary>
    public static void SetNoNewPrivileges() => Set(PrSetNoNewPrivs, 1, "PR_SET_NO_NEW_PRIVS");

    /// <summary>Makes orphaned descendants our children instead of init's.</summary>
    public static void BecomeSubreaper() => Set(PrSetChildSubreaper, 1, "PR_SET_CHILD_SUBREAPER");

    /// <summary>Names the calling thread; on the main thread the name that <c>ps</c> shows. Cut to 15 bytes.</summary>
    public static void SetThreadName(string name) => _ = prctl(PrSetName, name, 0, 0, 0);

    /// <summary>Changes this process's working directory.</summary>
    /// <exception cref="PlatformException">ENOENT, ENOTDIR, EACCES.</exception>
    public static void ChangeDirectory(string path)
    {
        if (chdir(path) != 0)
            throw PlatformException.FromLastError($"chdir '{path}'");
    }

    /// <summary>Pid of the process that started us, or of who inherited us.</summary>
    public static int ParentProcessId => getppid();

    /// <summary>Effective user id.</summary>
    public static uint UserId => geteuid();

    private static void Set(int option, nint value, string name)
    {
        if (prctl(option, value, 0, 0, 0) != 0)
            throw PlatformException.FromLastError($"prctl({name})");
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int prctl(int option, nint value, nint a3, nint a4, nint a5);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int prctl(int option, string value, nint a3, nint a4, nint a5);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int chdir(string path);

    [LibraryImport("libc")]
    private static partial int getppid();

    [LibraryImport("libc")]
    private static partial uint geteuid();
}
