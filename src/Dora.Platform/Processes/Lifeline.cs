// SPDX-License-Identifier: Apache-2.0

using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Dora.Platform.Processes;

/// <summary>A pipe whose end means death: when its last writer is gone, the kernel itself kills a process group.</summary>
/// <remarks>
/// It works by signal-driven I/O (<c>O_ASYNC</c>): the end of a pipe is an event, and <c>F_SETOWN</c> and <c>F_SETSIG</c> make that event a SIGKILL to a group.
/// So it needs nobody to be left alive, unlike a watcher, and covers the whole group, unlike <c>PR_SET_PDEATHSIG</c>. It lasts as long as somebody
/// has the read end open. Whatever is written to the pipe kills as well.
/// </remarks>
public static partial class Lifeline
{
    private const int FGetFl = 3;
    private const int FSetFl = 4;
    private const int FSetOwn = 8;
    private const int FSetSig = 10;
    private const int OAsync = 0x2000;

    /// <summary>From now on the group dies with the last writer. If that is gone already, nothing happens: check afterwards.</summary>
    /// <param name="readEnd">Of a pipe; must stay open somewhere in the group, so not close-on-exec.</param>
    /// <param name="group">Process group of this user.</param>
    /// <exception cref="PlatformException">The system can't do it.</exception>
    public static void Arm(SafeFileHandle readEnd, int group)
    {
        // Owner and signal first: an event in between would be a SIGIO to nobody.
        Control(readEnd, FSetOwn, -group, "fcntl(F_SETOWN)");
        Control(readEnd, FSetSig, Signal.SIGKILL, "fcntl(F_SETSIG)");
        var flags = Control(readEnd, FGetFl, 0, "fcntl(F_GETFL)");
        Control(readEnd, FSetFl, flags | OAsync, "fcntl(F_SETFL)");
    }

    private static int Control(SafeFileHandle fd, int command, nint argument, string operation)
    {
        var result = fcntl(fd, command, argument);
        return result >= 0 ? result : throw PlatformException.FromLastError(operation);
    }

    [LibraryImport("libc", SetLastError = true)]
    private static partial int fcntl(SafeFileHandle fd, int command, nint argument);
}
