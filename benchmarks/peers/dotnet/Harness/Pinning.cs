// SPDX-License-Identifier: Apache-2.0

using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Dora.Peers.Harness;

/// <summary>Keeps a process on one core: the publisher on the first, subscribers on the others in turn.</summary>
/// <remarks>
/// CoreCLR gives each new thread the cores that the process had when it started, not those of the thread that made it. So the main
/// thread moves, and the program starts once more in its own place: what the process may use from then on is that one core.
/// </remarks>
internal static partial class Pinning
{
    private const string Done = "DORA_PEER_PINNED";

    /// <summary>Called on the main thread, before there is anything to lose.</summary>
    public static void Apply(PeerOptions options)
    {
        if (!options.Pin || Environment.GetEnvironmentVariable(Done) == options.Role)
            return;
        int core = (options.Subscriber + 1 ?? 0) % Cores();
        using var self = Process.GetCurrentProcess();
        self.ProcessorAffinity = (nint)1 << core;
        string[] arguments = File.ReadAllText("/proc/self/cmdline").Split('\0')[..^1];
        // The thread pool stays as large as on the whole machine: with one thread, clients that block in it would wait for themselves.
        if (SetVariable(Done, options.Role, 1) != 0 || SetVariable("DOTNET_PROCESSOR_COUNT", Cores().ToString("X"), 1) != 0
            || Execute("/proc/self/exe", [.. arguments, null]) != 0)
            throw new InvalidOperationException($"cannot stay on core {core}: error {Marshal.GetLastPInvokeError()}");
    }

    // A subscriber inherits its publisher's single core, so the count of those that this process may use says nothing.
    private static int Cores() => Directory.GetDirectories("/sys/devices/system/cpu", "cpu?*").Count(d => int.TryParse(Path.GetFileName(d).AsSpan(3), out _));

    [LibraryImport("libc", EntryPoint = "setenv", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetVariable(string name, string value, int overwrite);

    [LibraryImport("libc", EntryPoint = "execv", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Execute(string path, string?[] arguments);
}
