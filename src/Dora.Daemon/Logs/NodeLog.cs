// SPDX-License-Identifier: Apache-2.0

using System.Buffers;
using System.Text;
using Dora.Dataflows.Graph;
using Dora.Platform.Files;
using Dora.Protocol;
using Dora.Protocol.Messages;
using Microsoft.Win32.SafeHandles;

namespace Dora.Daemon.Logs;

/// <summary>What one node writes, through all its restarts.</summary>
public sealed class NodeLog : IDisposable
{
    private const string OwnTarget = "dora";

    private readonly LogHub _hub;
    private readonly EventPoll _poll;
    private readonly NodeId _node;
    private readonly LogSettings _settings;
    private readonly SecretMask _mask;
    private readonly FloodGate _gate;
    private readonly LineTail _errorTail = new();
    private readonly LogFile? _file;                             // the poll's thread
    private readonly ArrayBufferWriter<byte> _json = new(1024);  // the poll's thread
    private readonly List<LogPipe> _pipes = [];                  // the poll's thread
    private string? _fileFailure;                                // the poll's thread; reported once, after the line that met it

    internal NodeLog(LogHub hub, EventPoll poll, NodeId node, LogSettings settings, SecretMask mask)
    {
        _hub = hub;
        _poll = poll;
        _node = node;
        _settings = settings;
        _mask = mask;
        _gate = new FloodGate(hub.Options.LinesPerSecond, hub.Options.Burst, hub.Time);
        if (hub.Options.Directory is { } directory)
        {
            _file = new LogFile(
                Path.Combine(directory, $"log_{node}.jsonl"),
                settings.MaxSizeBytes ?? hub.Options.MaxFileBytes,
                settings.MaxRotatedFiles,
                hub.Time)
            {
                Failing = reason => _fileFailure = $"the log file can't be written, lines are dropped until it can: {reason}",
                Recovered = lost => _fileFailure = $"the log file can be written again; {lost} lines were lost",
            };
        }
    }

    /// <summary>The last lines of standard error of the current process, escaped, secrets masked. Any thread.</summary>
    public string ErrorTail => _errorTail.ToString();

    /// <summary>Starts reading the pipes of a new process; call it right after its start, so that it is heard before the exit. Any thread. Ownership: the pipes are closed here, at their end.</summary>
    public void Attach(SafeFileHandle standardOutput, SafeFileHandle standardError)
    {
        FileDescriptors.SetNonBlocking(standardOutput, true);
        FileDescriptors.SetNonBlocking(standardError, true);
        _errorTail.Clear();
        _poll.Post(() =>
        {
            _pipes.Add(new LogPipe(this, _poll, standardOutput, isError: false));
            _pipes.Add(new LogPipe(this, _poll, standardError, isError: true));
        });
    }

    /// <summary>Reads what is in the pipes now: all there will ever be, once the process is gone. Only on the poll's thread.</summary>
    public void Drain()
    {
        foreach (var pipe in _pipes.ToArray())
            pipe.ReadAll(_hub.ReadBuffer);
        Tick();
    }

    /// <summary>Takes a record that the node logged over its socket; it counts like a line that it wrote. Any thread.</summary>
    public void Log(LogRecord record)
    {
        if (!TryPass())
            return;
        var entry = RecordEntry.Of(_node, record, NowNs());
        if (_poll.IsCurrentThread)
            Write(entry, isPlain: false);
        else
            _poll.Post(() => Write(entry, isPlain: false));
    }

    internal bool TryPass()
    {
        if (_gate.TryPass())
            return true;
        _hub.ArmTick(); // the node may say nothing more, but the number is to be told
        return false;
    }

    internal byte[] ReadBuffer => _hub.ReadBuffer;

    internal void OnLine(ReadOnlySpan<byte> line, bool isError)
    {
        var isPlain = false;
        if (JsonLogLine.TryParse(_node, line, NowNs()) is not { } entry)
        {
            isPlain = true;
            entry = new LogEntry(_node, isError ? LogLevels.Stderr : LogLevels.Stdout, LogText.Decode(line), null, NowNs(), []);
        }
        Write(entry, isPlain, toTail: isError);
    }

    internal void OnPipeEnd(LogPipe pipe) => _pipes.Remove(pipe);

    /// <summary>Half a second after something was left to do: what must be said and written even if the node says nothing more.</summary>
    internal void Tick()
    {
        if (_gate.TakeSuppressed() is > 0 and var count)
            WriteOwn(LogLevels.Warn, $"{count} lines suppressed: more than {_hub.Options.LinesPerSecond} lines a second");
        Flush();
    }

    internal void Flush()
    {
        _file?.Flush();
        if (_fileFailure is { } failure)
        {
            _fileFailure = null;
            WriteOwn(LogLevels.Warn, failure);
        }
    }

    /// <summary>Writes everything out. Only on the poll's thread; the hub does it at its end.</summary>
    public void Dispose()
    {
        Drain();
        foreach (var pipe in _pipes.ToArray())
            pipe.Close();
        _file?.Dispose();
    }

    private void WriteOwn(string level, string message) =>
        Write(new LogEntry(_node, level, message, OwnTarget, NowNs(), []), isPlain: false);

    private void Write(LogEntry entry, bool isPlain, bool toTail = false)
    {
        entry = _mask.Apply(entry);
        if (toTail)
            _errorTail.Add(LogText.Escape(entry.Message));
        if (isPlain && _settings.SendStdoutAs is { } rawOutput)
            _hub.Sink.PublishOutput(_node, rawOutput, Encoding.UTF8.GetBytes(entry.Message));
        if (!LogLevels.Passes(entry.Level, _settings.MinLevel))
            return;

        _json.ResetWrittenCount();
        LogJson.Write(_json, entry);
        _file?.Append(_json.WrittenSpan);
        _hub.ArmTick(); // the file buffers
        var json = _json.WrittenSpan[..^1];
        if (!isPlain && _settings.SendLogsAs is { } recordOutput)
            _hub.Sink.PublishOutput(_node, recordOutput, json);
        _hub.Sink.OnEntry(entry, json);
    }

    private ulong NowNs() => UnixTime.ToNs(_hub.Time.GetUtcNow());
}
