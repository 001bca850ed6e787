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

    /// <summary>What the threads of the node noted last that they run, as far as they ran anything. A hint: whoever may ring the doorbell can have written it.</summary>
    /// <param name="doorbell">As it was created.</param>
    public static IReadOnlyList<uint> ReadRunning(SafeFileHandle doorbell)
    {
        Span<byte> words = stackalloc byte[DoorbellLayout.RunningThreads * DoorbellLayout.RunningStride];
        var read = RandomAccess.Read(doorbell, words, DoorbellLayout.Running);
        var running = new List<uint>();
        for (var at = 0; at + sizeof(uint) <= read; at += DoorbellLayout.RunningStride)
        {
            if (BinaryPrimitives.ReadUInt32LittleEndian(words[at..]) is not 0 and var number)
                running.Add(number);
        }

        return running;
    }
}
