// SPDX-License-Identifier: Apache-2.0

using System.Runtime.InteropServices;

namespace Dora.Platform.Processes;

/// <summary>Signal numbers (Linux, x86-64 and arm64) and sending them.</summary>
public static partial class Signal
{
    public const int SIGHUP = 1;
    public const int SIGINT = 2;
    public const int SIGQUIT = 3;
    public const int SIGABRT = 6;
    public const int SIGKILL = 9;
    public const int SIGUSR1 = 10;
    public const int SIGSEGV = 11;
    public const int SIGPIPE = 13;
    public const int SIGTERM = 15;
    public const int SIGCHLD = 17;
    public const int SIGCONT = 18;
    public const int SIGSTOP = 19;

    /// <summary>Highest signal number (SIGRTMAX).</summary>
    public const int Max = 64;

    private static readonly string[] Names =
    [
        "SIG0", "SIGHUP", "SIGINT", "SIGQUIT", "SIGILL", "SIGTRAP", "SIGABRT", "SIGBUS", "SIGFPE", "SIGKILL", "SIGUSR1", "SIGSEGV",
        "SIGUSR2", "SIGPIPE", "SIGALRM", "SIGTERM", "SIGSTKFLT", "SIGCHLD", "SIGCONT", "SIGSTOP", "SIGTSTP", "SIGTTIN", "SIGTTOU",
        "SIGURG", "SIGXCPU", "SIGXFSZ", "SIGVTALRM", "SIGPROF", "SIGWINCH", "SIGIO", "SIGPWR", "SIGSYS",
    ];

    /// <summary><c>SIGSEGV</c> for 11; <c>signal 42</c> for those without a name.</summary>
    public static string NameOf(int signal) => signal > 0 && signal < Names.Length ? Names[signal] : $"signal {signal}";

    /// <summary>Sends a signal to one process. False when it does not exist any more.</summary>
    /// <exception cref="PlatformException">EPERM: not ours to signal.</exception>
    public static bool Send(int pid, int signal)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(pid); // 0 and negative numbers mean groups, or everybody
        return Sent(kill(pid, signal), "kill");
    }

    /// <summary>Sends a signal to every process of a group. False when the group is empty.</summary>
    /// <exception cref="PlatformException">EPERM: not ours to signal.</exception>
    public static bool SendToGroup(int groupId, int signal)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(groupId, 2); // 0 is our own group, 1 would mean everybody
        return Sent(kill(-groupId, signal), "killpg");
    }

    private static bool Sent(int result, string operation)
    {
        if (result == 0)
            return true;
        var errno = Marshal.GetLastPInvokeError();
        return errno == Errno.ESRCH ? false : throw new PlatformException(operation, errno);
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int kill(int pid, int signal);
}
