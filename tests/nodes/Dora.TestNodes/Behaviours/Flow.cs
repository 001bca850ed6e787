// SPDX-License-Identifier: Apache-2.0

using System.Diagnostics;
using Dora.Nodes;
using Dora.Protocol;

namespace Dora.TestNodes.Behaviours;

/// <summary>Nodes that do what nodes do: make, check and pass on messages.</summary>
internal static class Flow
{
    /// <summary>Sends payloads that prove themselves: at each tick if it has inputs, else paced or as fast as it can.</summary>
    public static int Source(Options options)
    {
        using var node = DoraNode.InitFromEnv();
        var output = node.GetOutput(options.Text("output", node.Config.Outputs[0]));
        var sender = new Sender(node, output, options);
        var result = new ResultFile(options.TryText("result"));
        var interval = TimeSpan.FromMicroseconds(options.Number("interval-us", 1000));
        var next = Stopwatch.GetTimestamp();
        while (!sender.IsDone)
        {
            var isTicked = node.Config.Inputs.Length > 0;
            var wait = isTicked ? Timeout.InfiniteTimeSpan : TimeUntil(next);
            var received = node.Recv(wait);
            if (received is StopEvent or null && (received is StopEvent || node.HasEnded))
                break;
            if (isTicked ? received is not InputEvent : received is not null)
                continue;
            next += (long)(interval.TotalSeconds * Stopwatch.Frequency);
            sender.SendOne();
            result["sent"] = $"{sender.SentCount}";
            result.WriteNowAndThen();
        }

        // Whoever shall be stopped rather than end by itself.
        if (options.Number("linger", 0) != 0)
        {
            while (node.Recv() is not null and not StopEvent)
            {
            }
        }

        result.Write();
        return 0;
    }

    /// <summary>Checks every message: bytes, order, gaps. Fails if any is wrong.</summary>
    public static int Sink(Options options)
    {
        using var node = DoraNode.InitFromEnv();
        var result = new ResultFile(options.TryText("result"));
        var checker = new Checker(result, options.Number("stamps", 0) != 0);
        var until = options.Number("count", long.MaxValue);
        result["restart_count"] = $"{node.RestartCount}";
        while (result.Number("received") < until && node.Recv() is { } received)
        {
            result.Add($"event.{received.Kind}");
            switch (received)
            {
                case InputEvent input:
                    checker.Check(input);
                    result["unix_seconds"] = $"{TimeProvider.System.GetUtcNow().ToUnixTimeSeconds()}";
                    break;
                case InputClosedEvent closed:
                    result[$"closed.{closed.Id}"] = closed.Reason;
                    result.Add("timeouts", closed.IsTimeout ? 1 : 0);
                    break;
                case NodeFailedEvent failed:
                    result["failed"] = $"{failed.SourceNodeId}: {failed.Error}";
                    break;
                case StopEvent stop:
                    result["stop"] = $"{stop.Cause}";
                    break;
                case ErrorEvent error:
                    result["error"] = error.Message;
                    break;
                default:
                    break;
            }

            result.WriteNowAndThen();
        }

        result["ended"] = "1";
        result.Write();
        return result.Number("problems") == 0 ? 0 : 1;
    }

    /// <summary>Sends what it receives on the output of the same name, or on its only output; parameters too.</summary>
    public static int Relay(Options options)
    {
        using var node = DoraNode.InitFromEnv();
        _ = options;
        while (node.Recv() is { } received)
        {
            if (received is not InputEvent input)
                continue;
            var output = node.HasOutput(input.Id) ? input.Id : node.Config.Outputs[0];
            node.ForwardOutput(output, input);
        }

        return 0;
    }

    private static TimeSpan TimeUntil(long timestamp)
    {
        var left = Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), timestamp);
        return left > TimeSpan.Zero ? left : TimeSpan.Zero;
    }

    /// <summary>The sending half of a source: sizes in turn, numbers from 1.</summary>
    private sealed class Sender(DoraNode node, NodeOutput output, Options options)
    {
        private readonly int[] _sizes = options.Numbers("size", 64);
        private readonly long _count = options.Number("count", long.MaxValue);
        private readonly bool _useLoans = options.Number("loan", 0) != 0;
        private readonly uint _sender = (uint)Environment.ProcessId;
        private readonly MetadataParameters? _parameters = options.Number("parameters", 0) == 0
            ? null
            : new MetadataParameters { ["from"] = node.Id, ["restart"] = node.RestartCount };

        private byte[] _buffer = [];

        public long SentCount { get; private set; }

        public bool IsDone => SentCount >= _count;

        public void SendOne()
        {
            var number = (ulong)SentCount + 1;
            var size = _sizes[SentCount % _sizes.Length];
            if (Send(number, size) == SendStatus.Sent)
                SentCount++;
        }

        private SendStatus Send(ulong number, int size)
        {
            if (_useLoans)
            {
                using var loan = output.Loan(size);
                TestPayload.Write(loan.Payload, number, _sender);
                return loan.SendOrWait(size, _parameters);
            }

            if (_buffer.Length < size)
                _buffer = new byte[size];
            TestPayload.Write(_buffer.AsSpan(0, size), number, _sender);
            return output.Send(_buffer.AsSpan(0, size), _parameters);
        }
    }

    /// <summary>The checking half of a sink.</summary>
    private sealed class Checker(ResultFile result, bool checkStamps)
    {
        private readonly Dictionary<(string Input, uint Sender), ulong> _last = [];
        private readonly Dictionary<(string Input, uint Sender), ulong> _lastStamp = [];

        public void Check(InputEvent input)
        {
            result.Add("received");
            result.Add($"received.{input.Id}");
            result.Add("bytes", input.Data.Length);
            if (TestPayload.Verify(input.Data, out var sequence, out var sender) is { } problem)
            {
                result.Problem($"{input.Id}: {problem}");
                return;
            }

            if (checkStamps)
                CheckStamp(input, sender);
            if (input.Data.Length < sizeof(ulong))
                return; // a tick, or too short to be numbered
            if (!_last.TryGetValue((input.Id, sender), out var last))
                result.Add("senders");
            else if (sequence <= last)
                result.Problem($"{input.Id}: message {sequence} came after {last}");
            else
                result.Add("gaps", (long)(sequence - last - 1));
            _last[(input.Id, sender)] = sequence;
            result["last"] = $"{sequence}";
        }

        private void CheckStamp(InputEvent input, uint sender)
        {
            var stamp = input.Metadata.TimestampNs;
            if (_lastStamp.TryGetValue((input.Id, sender), out var last) && stamp <= last)
                result.Problem($"{input.Id}: time stamp {stamp} came after {last}");
            _lastStamp[(input.Id, sender)] = stamp;
        }
    }
}
