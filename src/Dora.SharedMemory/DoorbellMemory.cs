// SPDX-License-Identifier: Apache-2.0

using System.Buffers.Binary;
using Dora.Platform.Memory;
using Microsoft.Win32.SafeHandles;

namespace Dora.SharedMemory;

/// <summary>The memory of one node's doorbell, as its creator, the daemon, sees it.</summary>
public static class DoorbellMemory
{
    /// <summary>Creates a doorbell: one page, mapped read-write by its node and by all who send to it.</summary>
    /// <returns>A descriptor owned by the caller.</returns>
    /// <exception cref="SharedMemoryExhaustedException">Not enough memory or descriptors.</exception>
    public static SafeFileHandle Create(string name = "dora-doorbell")
    {
        var fd = SharedRegion.Create(name, DoorbellLayout.TotalBytes, DoorbellLayout.NewHeader());
        MemFd.AddSeals(fd, MemFdSeals.Seal);
        return fd;
    }

    /// <summary>What the node noted last that it runs; 0: nothing. A hint: whoever may ring the doorbell can have written it.</summary>
    /// <param name="doorbell">As it was created.</param>
    public static uint ReadRunning(SafeFileHandle doorbell)
    {
        Span<byte> word = stackalloc byte[sizeof(uint)];
        return RandomAccess.Read(doorbell, word, DoorbellLayout.Running) == word.Length ? BinaryPrimitives.ReadUInt32LittleEndian(word) : 0;
    }
}
