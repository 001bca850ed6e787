// SPDX-License-Identifier: Apache-2.0

using System.Runtime.InteropServices;
using Dora.Platform;
using Dora.Platform.Memory;
using Microsoft.Win32.SafeHandles;

namespace Dora.UnitTests.Platform.Memory;

public sealed class MemFdTests
{
    [Fact]
    public void New_memory_is_reserved_zero_close_on_exec_and_can_neither_grow_nor_shrink()
    {
        using var fd = MemFd.Create("test", 10_000);
        Assert.Equal(10_000, MemFd.GetLength(fd));
        Assert.Equal(MemFdSeals.Grow | MemFdSeals.Shrink, MemFd.GetSeals(fd) & ~MemFdSeals.Exec);
        Assert.True(Blocks(fd) * 512 >= 10_000, "pages are reserved");
        Assert.Contains("flags:\t02", File.ReadAllText($"/proc/self/fdinfo/{fd.DangerousGetHandle()}"), StringComparison.Ordinal); // O_CLOEXEC

        Assert.Throws<UnauthorizedAccessException>(() => RandomAccess.SetLength(fd, 5_000));
        Assert.Throws<UnauthorizedAccessException>(() => RandomAccess.SetLength(fd, 20_000));
        using var mapping = MemoryMapping.Map(fd, 10_000, writable: true);
        Assert.Equal(0, Marshal.ReadByte(mapping.Address, 9_999));
    }

    [Fact]
    public void More_than_there_is_fails_with_an_error_and_not_with_the_OOM_killer()
    {
        var e = Assert.Throws<PlatformException>(() => MemFd.Create("test", 1L << 50));
        Assert.Equal(Errno.ENOMEM, e.Errno);
    }

    [Fact]
    public void A_future_write_seal_leaves_the_first_mapping_writable_and_refuses_every_other()
    {
        using var fd = MemFd.Create("test", 4096);
        using var writer = MemoryMapping.Map(fd, 4096, writable: true);
        MemFd.AddSeals(fd, MemFdSeals.FutureWrite | MemFdSeals.Seal);
        using var reader = MemoryMapping.Map(fd, 4096, writable: false);

        Marshal.WriteByte(writer.Address, 42);
        Assert.Equal(42, Marshal.ReadByte(reader.Address));
        Assert.Equal(Errno.EPERM, Assert.Throws<PlatformException>(() => MemoryMapping.Map(fd, 4096, writable: true)).Errno);
        Assert.Equal(Errno.EACCES, Assert.Throws<PlatformException>(() => reader.Protect(writable: true)).Errno);
        Assert.Equal(Errno.EPERM, Assert.Throws<PlatformException>(() => MemFd.AddSeals(fd, MemFdSeals.Write)).Errno);

        // Opening the same memory anew, with write access, does not get around the seal.
        using var reopened = File.OpenHandle($"/proc/self/fd/{fd.DangerousGetHandle()}", access: FileAccess.ReadWrite, share: FileShare.ReadWrite);
        Assert.Equal(Errno.EPERM, Assert.Throws<PlatformException>(() => MemoryMapping.Map(reopened, 4096, writable: true)).Errno);
        Assert.ThrowsAny<Exception>(() => RandomAccess.Write(reopened, [1], 0));
        Assert.Equal(42, Marshal.ReadByte(reader.Address));
    }

    [Fact]
    public void A_mapping_outlives_its_descriptor()
    {
        var fd = MemFd.Create("test", 4096);
        using var mapping = MemoryMapping.Map(fd, 4096, writable: true);
        fd.Dispose();
        Marshal.WriteByte(mapping.Address, 1);
        Assert.Equal(1, Marshal.ReadByte(mapping.Address));
    }

    [Fact]
    public void Seals_and_lengths_of_other_things_are_errors()
    {
        using var file = File.OpenHandle("/dev/null");
        Assert.Equal(Errno.EINVAL, Assert.Throws<PlatformException>(() => MemFd.GetSeals(file)).Errno);
        using var closed = new SafeFileHandle(-1, ownsHandle: false);
        Assert.Throws<PlatformException>(() => MemFd.GetLength(closed));
    }

    private static long Blocks(SafeFileHandle fd)
    {
        // stat -L -c %b: there is no managed way to ask for the blocks of a file.
        var start = new System.Diagnostics.ProcessStartInfo(
            "stat", ["-L", "-c", "%b", $"/proc/{Environment.ProcessId}/fd/{fd.DangerousGetHandle()}"]);
        start.RedirectStandardOutput = true;
        using var stat = System.Diagnostics.Process.Start(start)!;
        return long.Parse(stat.StandardOutput.ReadToEnd(), System.Globalization.CultureInfo.InvariantCulture);
    }
}
