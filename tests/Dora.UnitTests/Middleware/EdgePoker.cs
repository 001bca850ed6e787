// SPDX-License-Identifier: Apache-2.0

using System.Runtime.InteropServices;
using Dora.Platform.Memory;
using Dora.SharedMemory;

namespace Dora.UnitTests.Middleware;

/// <summary>A hostile peer's view of an edge: reads and writes any word of it.</summary>
internal sealed unsafe class EdgePoker : IDisposable
{
    private readonly MemoryMapping _mapping;

    internal EdgePoker(SafeHandle fd) => _mapping = MemoryMapping.Map(fd, MemFd.GetLength(fd), writable: true);

    internal long LengthBytes => _mapping.LengthBytes;

    internal EdgeHeader Header => *(EdgeHeader*)_mapping.Address;

    internal ref ulong Word(long offset) => ref *(ulong*)(_mapping.Address + (nint)offset);

    internal ref EdgeCell Cell(int index) =>
        ref *(EdgeCell*)(_mapping.Address + EdgeLayout.DeliveryRing + (index * EdgeLayout.CellBytes));

    internal ref ulong Return(int index) => ref Word(Header.ReturnRing + (index * sizeof(ulong)));

    internal void RestoreHeader(in EdgeHeader header) => *(EdgeHeader*)_mapping.Address = header;

    public void Dispose() => _mapping.Dispose();
}
