// SPDX-License-Identifier: Apache-2.0

using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;

namespace Dora.Comparison.Running;

/// <summary>What the figures were measured on; nothing that names the machine.</summary>
internal sealed record Machine(
    string Cpu, int Cores, string L2, string L3, string Kernel, string System, string Runtime, double MemoryGib, bool Virtual, IReadOnlyDictionary<string, string> Packages)
{
    private static readonly string[] Compared = ["iceoryx", "libiceoryx-posh-dev", "cyclonedds-dev", "libfastrtps-dev", "libzmq3-dev", "nats-server"];

    public static Machine Describe()
    {
        string cpuInfo = Read("/proc/cpuinfo");
        return new Machine(
            Cpu: Field(cpuInfo, "model name"),
            Cores: Environment.ProcessorCount,
            L2: Cache(2),
            L3: Cache(3),
            Kernel: Read("/proc/sys/kernel/osrelease").Trim(),
            System: Field(Read("/etc/os-release"), "PRETTY_NAME").Trim('"'),
            Runtime: RuntimeInformation.FrameworkDescription,
            MemoryGib: Math.Round(GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / (double)(1 << 30), 1),
            Virtual: cpuInfo.Contains(" hypervisor", StringComparison.Ordinal),
            Packages: InstalledPackages());
    }

    /// <summary>Threads that are running or could, without the one that asks (the fourth field of /proc/loadavg counts it).</summary>
    public static int OtherRunnable()
    {
        var load = Read("/proc/loadavg").Split(' ');
        return load.Length > 3 && int.TryParse(load[3].Split('/')[0], CultureInfo.InvariantCulture, out int running) ? Math.Max(0, running - 1) : 0;
    }

    /// <summary>The average load of the last minute.</summary>
    public static double Load() => double.TryParse(Read("/proc/loadavg").Split(' ')[0], CultureInfo.InvariantCulture, out double load) ? load : 0;

    private static Dictionary<string, string> InstalledPackages()
    {
        var versions = new Dictionary<string, string>();
        string package = "";
        // A quarter of a megabyte on a small machine; asking dpkg would be one process per name.
        foreach (string line in File.Exists("/var/lib/dpkg/status") ? File.ReadLines("/var/lib/dpkg/status") : [])
        {
            if (line.StartsWith("Package: ", StringComparison.Ordinal))
                package = line[9..];
            else if (line.StartsWith("Version: ", StringComparison.Ordinal) && Compared.Contains(package))
                versions[package] = line[9..];
        }

        return versions;
    }

    private static string Cache(int level)
    {
        for (int i = 0; Directory.Exists($"/sys/devices/system/cpu/cpu0/cache/index{i}"); i++)
        {
            if (Read($"/sys/devices/system/cpu/cpu0/cache/index{i}/level").Trim() == level.ToString(CultureInfo.InvariantCulture))
                return Read($"/sys/devices/system/cpu/cpu0/cache/index{i}/size").Trim();
        }

        return "unknown";
    }

    private static string Field(string text, string name)
    {
        var match = Regex.Match(text, $@"^{name}\s*[:=]\s*(.*)$", RegexOptions.Multiline);
        return match.Success ? match.Groups[1].Value.Trim() : "unknown";
    }

    private static string Read(string path) => File.Exists(path) ? File.ReadAllText(path) : "";
}
