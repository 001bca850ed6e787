// SPDX-License-Identifier: Apache-2.0

using Dora.Platform.Files;
using Microsoft.Win32.SafeHandles;

namespace Dora.Platform.Sockets;

/// <summary>A frame, or the rest of one, that waits until its peer reads. Owns duplicates of its descriptors.</summary>
internal sealed class UnsentFrame : IDisposable
{
    private readonly byte[] _bytes;
    private SafeFileHandle[] _descriptors; // empty once they went with the first byte
    private int _sent;

    public UnsentFrame(ReadOnlySpan<byte> head, ReadOnlySpan<byte> body, ReadOnlySpan<SafeFileHandle> descriptors, int sent)
    {
        _bytes = [.. head, .. body];
        _sent = sent;
        _descriptors = new SafeFileHandle[descriptors.Length];
        for (var i = 0; i < descriptors.Length; i++)
        {
            try
            {
                _descriptors[i] = FileDescriptors.Duplicate(descriptors[i]);
            }
            catch
            {
                _descriptors = _descriptors[..i];
                Dispose();
                throw;
            }
        }
    }

    /// <summary>Length of the whole frame, what has been sent of it included.</summary>
    public int Length => _bytes.Length;

    /// <summary>Sends more. False: the peer has to read first.</summary>
    public bool TrySend(SafeFileHandle socket)
    {
        while (_sent < _bytes.Length)
        {
            var count = SocketMessages.Send(socket, _bytes.AsSpan(_sent), default, _descriptors, wait: false);
            if (count < 0)
                return false;
            _sent += count;
            Dispose();
        }
        return true;
    }

    public void Dispose()
    {
        foreach (var descriptor in _descriptors)
            descriptor.Dispose();
        _descriptors = [];
    }
}
