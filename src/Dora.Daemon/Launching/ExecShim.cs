// SPDX-License-Identifier: Apache-2.0

using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using Dora.Platform;
using Dora.Platform.Files;
using Dora.Platform.Processes;
using Dora.Protocol.Messages;
using Microsoft.Win32.SafeHandles;

namespace Dora.Daemon.Launching;

/// <summary>The hidden command <c>dora exec</c>: the few steps between being spawned and being the node's program.</summary>
/// <remarks>Everything runs on the main thread: these attributes belong to threads, and execve keeps those of the one that calls it.</remarks>
public static class ExecShim
{
    /// <summary>First word of the command line; the launcher's pid follows.</summary>
    public const string Command = "exec";

    /// <summary>Becomes the program; returns only when that failed. Must be called on the main thread, before anything else.</summary>
    public static int Run(string[] args)
    {
        if (args is not [Command, var launcherText]
            || !int.TryParse(launcherText, NumberStyles.None, CultureInfo.InvariantCulture, out var launcher)
            || ProcessControl.ParentProcessId != launcher)
        {
            Console.Error.WriteLine($"dora {Command} is started by the launcher, not by hand");
            return 2;
        }
        ProcessControl.SetParentDeathSignal(Signal.SIGKILL);
        ArmLifeline();
        if (ProcessControl.ParentProcessId != launcher)
            return 2; // it died in between, so the signal will never come

        FileDescriptors.CloseOnExecFrom(ExecStart.SpecFd);
        using var report = FileDescriptors.Own(ExecStart.ReportFd);
        LaunchSpec? spec = null;
        try
        {
            spec = ReadSpec();
            Become(spec, report);
        }
        catch (PlatformException e)
        {
            ReportFailure(report, e.Errno, spec is null ? e.Message : LaunchCauses.OfPreparing(e, spec));
        }
        catch (Google.Protobuf.InvalidProtocolBufferException e)
        {
            ReportFailure(report, 0, $"the launch specification is damaged: {e.Message}");
        }
        return 127;
    }

    private static void Become(LaunchSpec spec, SafeFileHandle report)
    {
        ProcessControl.ChangeDirectory(spec.WorkingDirectory);
        if (spec.CpuAffinity.Count > 0)
            CpuAffinity.Set(spec.CpuAffinity.Select(cpu => checked((int)Math.Min(cpu, int.MaxValue))));
        ProcessControl.SetNoNewPrivileges();
        using var image = new ProgramImage(spec.Program, [spec.Program, .. spec.Arguments], spec.Environment);
        FileDescriptors.WriteAll(report, [ExecStart.ReadyToExecute]);
        SignalState.RestoreDefaults();

        // Last: a tight limit on memory or descriptors would hit this runtime too.
        if (spec.Limits.All(limit => limit.Name != "core"))
            ResourceLimits.Set("core", new LimitPair(0, 0)); // cores hold secrets, and fill disks
        foreach (var limit in spec.Limits)
            ResourceLimits.Set(limit.Name, new LimitPair(limit.Soft, limit.Hard));
        var errno = image.Execute();
        ReportFailure(report, errno, LaunchCauses.OfExecuting(errno, spec));
    }

    /// <summary>The parent's death ends this process; the end of the lifeline ends its children, too, when nobody is left to do it.</summary>
    private static void ArmLifeline()
    {
        using var readEnd = new SafeFileHandle(ExecStart.LifelineFd, ownsHandle: false);
        try
        {
            Lifeline.Arm(readEnd, Environment.ProcessId);
        }
        catch (PlatformException)
        {
            // A system without signal-driven I/O: what the launcher's death leaves then waits for the daemon, or for the next run.
        }
    }

    private static LaunchSpec ReadSpec()
    {
        using var stream = new FileStream(FileDescriptors.Own(ExecStart.SpecFd), FileAccess.Read, bufferSize: 0);
        return LaunchSpec.Parser.ParseFrom(stream);
    }

    private static void ReportFailure(SafeFileHandle report, int errno, string message)
    {
        var text = Encoding.UTF8.GetBytes(message);
        var bytes = new byte[5 + Math.Min(text.Length, 4096)];
        bytes[0] = ExecStart.FailureFollows;
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(1), errno);
        text.AsSpan(0, bytes.Length - 5).CopyTo(bytes.AsSpan(5));
        FileDescriptors.WriteAll(report, bytes);
    }
}
