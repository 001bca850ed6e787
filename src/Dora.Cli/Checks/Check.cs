// SPDX-License-Identifier: Apache-2.0

using Dora.Platform;

namespace Dora.Cli.Checks;

/// <summary>What <c>dora doctor</c> found about one thing.</summary>
/// <param name="Name">What was looked at.</param>
/// <param name="State">How it is.</param>
/// <param name="Detail">What was seen.</param>
/// <param name="Fix">What to do if it is not fine; null: nothing to do.</param>
internal sealed record Check(string Name, CheckState State, string Detail, string? Fix = null)
{
    /// <summary>Looks without ever failing: what throws is a check that failed.</summary>
    public static Check Of(string name, Func<Check> look)
    {
        try
        {
            return look();
        }
        catch (PlatformException e)
        {
            return new Check(name, CheckState.Failed, e.Message, FixOf(e.Errno));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CliException)
        {
            return new Check(name, CheckState.Failed, e.Message);
        }
    }

    private static string FixOf(int errno) => errno switch
    {
        Errno.ENOSYS or Errno.EPERM or Errno.EACCES => "the kernel or a sandbox forbids it: use a kernel of Linux 5.9 or later, or another seccomp profile",
        Errno.EMFILE or Errno.ENFILE => "no descriptor is left: ulimit -n, or sysctl fs.file-max",
        Errno.ENOMEM or Errno.ENOSPC => "memory is short: end something, or raise the control group's limit",
        _ => "run this command outside of any container or sandbox, to see whether that is the cause",
    };
}

internal enum CheckState
{
    Ok,

    /// <summary>dora runs, but something is slower or not possible.</summary>
    Note,

    /// <summary>dora cannot run a dataflow here.</summary>
    Failed,
}
