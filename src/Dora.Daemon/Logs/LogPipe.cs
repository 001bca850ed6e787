// SPDX-License-Identifier: Apache-2.0

using Dora.Platform;
using Dora.Platform.Files;
using Microsoft.Win32.SafeHandles;

namespace Dora.Daemon.Logs;

/// <summary>One stream of one process. Everything on the poll's thread.</summary>
internal sealed class LogPipe : IReadinessHandler, ILineHandler
{
    private const int PipeBytesMax = 4 << 20; // default 64 KiB, at most 1 MiB for users; somewhat more for root's ideas

    private readonly NodeLog _log;
    private readonly SafeFileHandle _pipe;
    private readonly bool _isError;
    private readonly LineSplitter _lines;
    private readonly PollRegistration _registration;

    public LogPipe(NodeLog log, EventPoll poll, SafeFileHandle pipe, bool isError)
    {
        _log = log;
        _pipe = pipe;
        _isError = isError;
        _lines = new LineSplitter(this);
        _registration = poll.Add(pipe, Readiness.Readable, this);
    }

    void IReadinessHandler.OnReady(Readiness readiness)
    {
        ReadSome(_log.ReadBuffer); // once: other nodes have their turn, and this comes again
        _log.Flush();
    }

    bool ILineHandler.WantsLine() => _log.TryPass();

    void ILineHandler.OnLine(ReadOnlySpan<byte> line) => _log.OnLine(line, _isError);

    /// <summary>Reads until nothing is left for now, or the end; at most what a pipe can hold, should somebody still write.</summary>
    public void ReadAll(byte[] buffer)
    {
        for (var left = PipeBytesMax; left > 0 && ReadSome(buffer); left -= buffer.Length)
        {
        }
    }

    /// <summary>Stops reading; a started line counts.</summary>
    public void Close()
    {
        _lines.End();
        _registration.Dispose();
        _pipe.Dispose();
        _log.OnPipeEnd(this);
    }

    private bool ReadSome(byte[] buffer)
    {
        if (_pipe.IsClosed)
            return false;
        int count;
        try
        {
            count = FileDescriptors.Read(_pipe, buffer);
        }
        catch (PlatformException)
        {
            count = 0; // a pipe has no errors; should it have one, it is over
        }
        if (count > 0)
            _lines.Feed(buffer.AsSpan(0, count));
        else if (count == 0)
            Close();
        return count > 0;
    }
}
