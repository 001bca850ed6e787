// SPDX-License-Identifier: Apache-2.0

using Dora.Platform;
using Dora.Platform.Processes;
using Dora.Protocol.Messages;

namespace Dora.Daemon.Launching;

/// <summary>Turns the error numbers of starting a program into one line that names the cause and, where there is one, the fix.</summary>
internal static class LaunchCauses
{
    /// <summary>Making pipes and a process failed; the program was not even looked at.</summary>
    public static string OfSpawning(PlatformException e) => e.Errno switch
    {
        Errno.EMFILE => $"no file descriptor left in this process (limit {ResourceLimits.Get("nofile").Soft}; raise 'ulimit -n')",
        Errno.ENFILE => "no file descriptor left on this machine (sysctl fs.file-max)",
        Errno.EAGAIN => $"no process or thread left (limit {ResourceLimits.Get("nproc").Soft} per user; see 'ulimit -u' and pids cgroup)",
        Errno.ENOMEM => "not enough memory to start a process",
        _ => e.Message,
    };

    /// <summary>A step before execve failed.</summary>
    public static string OfPreparing(PlatformException e, LaunchSpec spec)
    {
        var folder = spec.WorkingDirectory;
        if (e.Operation.StartsWith("chdir", StringComparison.Ordinal))
        {
            return e.Errno switch
            {
                Errno.ENOENT => $"the working directory '{folder}' does not exist",
                Errno.ENOTDIR => $"the working directory '{folder}' is not a folder",
                Errno.EACCES => $"the working directory '{folder}' may not be entered by this user",
                _ => e.Message,
            };
        }
        if (e.Operation.StartsWith("sched_setaffinity", StringComparison.Ordinal))
        {
            return $"cpu_affinity [{string.Join(", ", spec.CpuAffinity)}] names no CPU that is usable here (usable: {string.Join(", ", CpuAffinity.Get())})";
        }
        if (e.Operation.StartsWith("setrlimit", StringComparison.Ordinal) && e.Errno == Errno.EPERM)
            return $"{e.Operation}: only root can raise a hard limit";
        return e.Message;
    }

    /// <summary>execve failed.</summary>
    public static string OfExecuting(int errno, LaunchSpec spec)
    {
        var program = spec.Program;
        return errno switch
        {
            Errno.ENOENT when File.Exists(program) => MissingInterpreter(program),
            Errno.ENOENT => $"'{program}' does not exist",
            Errno.ENOTDIR => $"'{program}' does not exist: a part of its path is not a folder",
            Errno.EACCES when Directory.Exists(program) => $"'{program}' is a folder, not a program",
            Errno.EACCES when IsExecutable(program) => $"'{program}' may not be executed: its file system is mounted noexec, or its interpreter is not executable",
            Errno.EACCES when File.Exists(program) => $"'{program}' is not executable (chmod +x)",
            Errno.EACCES => $"'{program}' may not be reached by this user",
            Errno.ENOEXEC => $"'{program}' is no program for this machine: neither an ELF file for it nor a script that starts with #!",
            Errno.ETXTBSY => $"'{program}' is being written by another process",
            Errno.E2BIG => "the arguments and environment are too long for this system",
            Errno.ELOOP => $"'{program}' is reached through too many symbolic links",
            Errno.ENOMEM => $"not enough memory to start '{program}' (a limit on address space counts)",
            _ => $"'{program}' could not be started: {PlatformException.Describe(errno)}",
        };
    }

    private static bool IsExecutable(string program) =>
        File.Exists(program)
        && (File.GetUnixFileMode(program) & (UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute)) != 0;

    private static string MissingInterpreter(string program)
    {
        try
        {
            using var reader = new StreamReader(program);
            var line = new char[256];
            var first = new string(line, 0, reader.ReadBlock(line)).Split('\n')[0];
            if (first.StartsWith("#!", StringComparison.Ordinal))
                return $"the interpreter that '{program}' names does not exist: {first[2..].Trim()}";
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // Executable but not readable is possible; then the other sentence has to do.
        }
        return $"the loader of '{program}' does not exist here: it was built for another system or C library";
    }
}
