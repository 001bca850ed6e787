// SPDX-License-Identifier: Apache-2.0

using System.Threading.Tasks.Sources;

namespace Dora.Nodes.Receiving;

/// <summary>Receiving with <c>await</c>: a thread of the node waits on the doorbell, and continuations run on it. Allocates nothing per event.</summary>
/// <remarks>
/// <para>The thread exists from the first await that has to wait. It sleeps on a semaphore while nobody awaits.</para>
/// <para>Threading: one await at a time, like receiving.</para>
/// </remarks>
internal sealed class AsyncReceiver(EventReceiver events) : IValueTaskSource<DoraEvent?>, IDisposable
{
    private readonly SemaphoreSlim _wanted = new(0);
    private ManualResetValueTaskSourceCore<DoraEvent?> _result; // RunContinuationsAsynchronously is false: no hop
    private CancellationToken _cancellation; // of the pending await; written before _wanted is released
    private Thread? _thread;
    private volatile bool _isRequested; // written before _wanted is released, cleared by the thread
    private int _pending; // 1 from the start of an await that waits until its result is taken; interlocked
    private volatile bool _isOver;

    /// <summary>The next event; null at the end.</summary>
    public ValueTask<DoraEvent?> ReceiveAsync(CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        if (Interlocked.Exchange(ref _pending, 1) != 0)
            throw new InvalidOperationException("An earlier RecvAsync of this node has not completed yet. One receives at a time.");

        var ready = events.Receive(TimeSpan.Zero, CancellationToken.None); // does not wait
        if (ready is not null || events.HasEnded)
        {
            Volatile.Write(ref _pending, 0);
            return new ValueTask<DoraEvent?>(ready);
        }

        _result.Reset();
        _cancellation = cancellation;
        _isRequested = true;
        var task = new ValueTask<DoraEvent?>(this, _result.Version);
        if (_thread is null)
        {
            _thread = new Thread(Run) { IsBackground = true, Name = "dora-receive" };
            _thread.Start();
        }

        _wanted.Release();
        return task;
    }

    /// <summary>The thread ends once it has nothing to do.</summary>
    public void Dispose()
    {
        _isOver = true;
        _wanted.Release();
    }

    DoraEvent? IValueTaskSource<DoraEvent?>.GetResult(short token)
    {
        try
        {
            return _result.GetResult(token);
        }
        finally
        {
            Volatile.Write(ref _pending, 0);
        }
    }

    ValueTaskSourceStatus IValueTaskSource<DoraEvent?>.GetStatus(short token) => _result.GetStatus(token);

    void IValueTaskSource<DoraEvent?>.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _result.OnCompleted(continuation, state, token, flags);

    private void Run()
    {
        while (true)
        {
            _wanted.Wait();
            if (_isRequested)
            {
                _isRequested = false;
                Complete(_cancellation);
            }
            else if (_isOver)
            {
                return;
            }
        }
    }

    private void Complete(CancellationToken cancellation)
    {
        DoraEvent? next;
        try
        {
            using (cancellation.UnsafeRegister(static events => ((EventReceiver)events!).Wake(), events))
                next = events.Receive(Timeout.InfiniteTimeSpan, cancellation);
        }
        catch (Exception e)
        {
            _result.SetException(e); // a misuse, such as another thread that receives
            return;
        }

        if (next is null && cancellation.IsCancellationRequested && !events.HasEnded)
            _result.SetException(new OperationCanceledException(cancellation));
        else
            _result.SetResult(next);
    }
}
