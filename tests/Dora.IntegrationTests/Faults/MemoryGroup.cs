// SPDX-License-Identifier: Apache-2.0

using System.Globalization;

namespace Dora.IntegrationTests.Faults;

/// <summary>A memory control group of a test's own (version 1 or 2), for processes that shall run out of memory without the machine doing so.</summary>
internal sealed class MemoryGroup : IDisposable
{
    private const string Root = "/sys/fs/cgroup";

    private readonly string _folder;
    private readonly bool _isVersion1;

    /// <summary>Makes the group. Fails the test, and says what is needed, where that is not possible.</summary>
    public MemoryGroup(long bytesMax)
    {
        _isVersion1 = Directory.Exists($"{Root}/memory");
        _folder = $"{Root}/{(_isVersion1 ? "memory/" : "")}dora-test-{Guid.NewGuid():N}";
        try
        {
            if (!_isVersion1)
                File.WriteAllText($"{Root}/cgroup.subtree_control", "+memory");
            Directory.CreateDirectory(_folder);
            File.WriteAllText($"{_folder}/{(_isVersion1 ? "memory.limit_in_bytes" : "memory.max")}", $"{bytesMax}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            Assert.Fail($"this test needs a control group with a memory limit, so root and a writable {Root}: {e.Message}");
        }
    }

    /// <summary>Becomes the given command, in the group: for <see cref="DataflowRun.Wrapper"/>.</summary>
    public string[] Wrapper => ["sh", "-c", $"echo 0 > {_folder}/cgroup.procs && exec \"$@\"", "sh"];

    /// <summary>How many processes the kernel has killed for the limit's sake.</summary>
    public long KillCount => File.ReadLines($"{_folder}/{(_isVersion1 ? "memory.oom_control" : "memory.events")}")
        .Where(line => line.StartsWith("oom_kill ", StringComparison.Ordinal))
        .Select(line => long.Parse(line.AsSpan("oom_kill ".Length), CultureInfo.InvariantCulture))
        .Single();

    public void Dispose()
    {
        // A process counts until the last of it is gone, which its parent may hear of a little earlier.
        SpinWait.SpinUntil(
            () =>
            {
                try
                {
                    Directory.Delete(_folder);
                    return true;
                }
                catch (IOException)
                {
                    return !Directory.Exists(_folder);
                }
            },
            DataflowRun.Patience);
    }
}
