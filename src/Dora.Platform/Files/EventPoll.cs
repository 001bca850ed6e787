// SPDX-License-Identifier: Apache-2.0

using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Dora.Platform.Files;

/// <summary>What a descriptor may become ready for (EPOLLIN and so on).</summary>
[Flags]
public enum Readiness
{
    None = 0,

    /// <summary>Reading will not wait; also at the end of the stream.</summary>
    Readable = 0x001,

    /// <summary>Writing will not wait.</summary>
    Writable = 0x004,

    /// <summary>An error is pending. Always reported.</summary>
    Error = 0x008,

    /// <summary>The other side is gone. Always reported.</summary>
    HungUp = 0x010,
}

/// <summary>Hears that a descriptor became ready, on the poll's thread. Must not block and must not throw.</summary>
public interface IReadinessHandler
{
    /// <summary>Called again and again as long as the condition lasts (level-triggered).</summary>
    void OnReady(Readiness readiness);
}

/// <summary>One thread that waits for many descriptors (epoll).</summary>
/// <remarks>
/// <para>Threading: <see cref="Add"/> and <see cref="Post"/> from any thread; handlers and posted actions run on the poll's own thread,
/// one after the other. Remove a descriptor there before closing it, and no stale call can arrive.</para>
/// <para>Order of stopping: the thread ends, then posted actions that are left run on the disposing thread, then descriptors close.</para>
/// </remarks>
public sealed unsafe partial class EventPoll : IDisposable
{
    private const int EpollCloexec = 0x80000;
    private const int EpollCtlAdd = 1;
    private const int EpollCtlDel = 2;
    private const int EpollCtlMod = 3;
    private const int EfdCloexecNonblock = 0x80000 | 0x800;
    private const int BatchMax = 64;

    // struct epoll_event { u32 events; u64 data; } is packed on x86-64 only.
    private static readonly int DataOffset = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 4 : 8;
    private static readonly int EventBytes = DataOffset + 8;

    private readonly SafeFileHandle _epoll;
    private readonly SafeFileHandle _wakeUp; // an eventfd; registered with id 0
    private readonly Thread _thread;
    private readonly ConcurrentDictionary<ulong, PollRegistration> _registrations = new();
    private readonly ConcurrentQueue<Action> _posted = new();
    private ulong _lastId;       // any thread, interlocked
    private volatile bool _stop; // set once by Dispose

    /// <summary>Starts the thread.</summary>
    /// <exception cref="PlatformException">EMFILE: no descriptor left.</exception>
    public EventPoll(string threadName)
    {
        var epoll = epoll_create1(EpollCloexec);
        if (epoll < 0)
            throw PlatformException.FromLastError("epoll_create1");
        _epoll = FileDescriptors.Own(epoll);
        var wakeUp = eventfd(0, EfdCloexecNonblock);
        if (wakeUp < 0)
        {
            var e = PlatformException.FromLastError("eventfd");
            _epoll.Dispose();
            throw e;
        }
        _wakeUp = FileDescriptors.Own(wakeUp);
        Control(EpollCtlAdd, _wakeUp, Readiness.Readable, 0);
        _thread = new Thread(Run) { Name = threadName, IsBackground = true };
        _thread.Start();
    }

    /// <summary>Whether the caller is the poll's own thread.</summary>
    public bool IsCurrentThread => Thread.CurrentThread == _thread;

    /// <summary>Watches a descriptor until the registration is disposed. The descriptor stays the caller's.</summary>
    public PollRegistration Add(SafeFileHandle handle, Readiness interest, IReadinessHandler handler)
    {
        var registration = new PollRegistration(this, Interlocked.Increment(ref _lastId), handle, handler);
        _registrations[registration.Id] = registration;
        try
        {
            Control(EpollCtlAdd, handle, interest, registration.Id);
            return registration;
        }
        catch
        {
            _registrations.TryRemove(registration.Id, out _);
            throw;
        }
    }

    /// <summary>Runs an action on the poll's thread, after those posted before it.</summary>
    public void Post(Action action)
    {
        _posted.Enqueue(action);
        WakeUp();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_stop)
            return;
        _stop = true;
        WakeUp();
        if (!IsCurrentThread)
            _thread.Join();
        RunPosted();
        _wakeUp.Dispose();
        _epoll.Dispose();
    }

    internal void Change(PollRegistration registration, Readiness interest) =>
        Control(EpollCtlMod, registration.Handle, interest, registration.Id);

    internal void Remove(PollRegistration registration)
    {
        if (_registrations.TryRemove(registration.Id, out _) && !registration.Handle.IsClosed && !_epoll.IsClosed)
            Control(EpollCtlDel, registration.Handle, Readiness.None, registration.Id);
    }

    private void Run()
    {
        var events = stackalloc byte[BatchMax * EventBytes];
        Span<byte> counter = stackalloc byte[8];
        while (!_stop)
        {
            var count = epoll_wait(_epoll, events, BatchMax, -1);
            for (var i = 0; i < count; i++)
            {
                var entry = events + (i * EventBytes);
                var id = Unaligned(entry + DataOffset);
                if (id == 0)
                    _ = FileDescriptors.Read(_wakeUp, counter);
                else if (_registrations.TryGetValue(id, out var registration)) // else: removed by a handler of this very batch
                    registration.Handler.OnReady((Readiness)(*(int*)entry));
            }
            RunPosted();
        }
    }

    private void RunPosted()
    {
        // Only what is there now: an action that posts itself again must not keep descriptors waiting.
        for (var left = _posted.Count; left > 0 && _posted.TryDequeue(out var action); left--)
            action();
        if (!_posted.IsEmpty && !_stop)
            WakeUp();
    }

    private void WakeUp()
    {
        if (_wakeUp.IsClosed)
            return;
        ReadOnlySpan<byte> one = [1, 0, 0, 0, 0, 0, 0, 0];
        try
        {
            FileDescriptors.WriteAll(_wakeUp, one);
        }
        catch (ObjectDisposedException)
        {
            // Posted after the end: the thread is gone, and so is whatever the action was about.
        }
    }

    private void Control(int operation, SafeFileHandle handle, Readiness interest, ulong id)
    {
        var entry = stackalloc byte[16];
        *(int*)entry = (int)interest;
        new Span<byte>(&id, sizeof(ulong)).CopyTo(new Span<byte>(entry + DataOffset, sizeof(ulong)));
        if (epoll_ctl(_epoll, operation, handle, entry) != 0)
            throw PlatformException.FromLastError("epoll_ctl");
    }

    private static ulong Unaligned(byte* pointer) => MemoryMarshal.Read<ulong>(new ReadOnlySpan<byte>(pointer, sizeof(ulong)));

    [LibraryImport("libc", SetLastError = true)]
    private static partial int epoll_create1(int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int epoll_ctl(SafeFileHandle epoll, int operation, SafeFileHandle handle, byte* entry);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int epoll_wait(SafeFileHandle epoll, byte* events, int capacity, int timeoutMs);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int eventfd(uint initial, int flags);
}

/// <summary>One watched descriptor. Dispose it on the poll's thread, before closing the descriptor.</summary>
public sealed class PollRegistration : IDisposable
{
    private readonly EventPoll _poll;

    internal PollRegistration(EventPoll poll, ulong id, SafeFileHandle handle, IReadinessHandler handler)
    {
        _poll = poll;
        Id = id;
        Handle = handle;
        Handler = handler;
    }

    internal ulong Id { get; }
    internal SafeFileHandle Handle { get; }
    internal IReadinessHandler Handler { get; }

    /// <summary>Changes what is waited for; <see cref="Readiness.None"/> leaves errors and the end only.</summary>
    public void SetInterest(Readiness interest) => _poll.Change(this, interest);

    /// <inheritdoc/>
    public void Dispose() => _poll.Remove(this);
}
