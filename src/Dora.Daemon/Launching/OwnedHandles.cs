// SPDX-License-Identifier: Apache-2.0

using Microsoft.Win32.SafeHandles;

namespace Dora.Daemon.Launching;

/// <summary>Descriptors that are closed at the end of a scope unless they were released before.</summary>
internal sealed class OwnedHandles : IDisposable
{
    private readonly List<SafeFileHandle> _handles = [];

    public (SafeFileHandle ReadEnd, SafeFileHandle WriteEnd) Add((SafeFileHandle ReadEnd, SafeFileHandle WriteEnd) pipe)
    {
        Add(pipe.ReadEnd);
        Add(pipe.WriteEnd);
        return pipe;
    }

    public void Add(SafeFileHandle handle) => _handles.Add(handle);

    public void Release(params ReadOnlySpan<SafeFileHandle> handles)
    {
        foreach (var handle in handles)
            _handles.Remove(handle);
    }

    public void Dispose()
    {
        foreach (var handle in _handles)
            handle.Dispose();
    }
}
