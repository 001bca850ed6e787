// SPDX-License-Identifier: Apache-2.0

using System.Buffers;
using Apache.Arrow;
using Dora.Operators;
using Dora.Protocol;
using Dora.Protocol.Messages;
using Dora.Runtime.Mailbox;
using Dora.Runtime.Port;
using Dora.Runtime.Samples;
using Dora.Runtime.Scheduling;

namespace Dora.Runtime.Outputs;

/// <summary>What one instance of an operator sends with.</summary>
internal sealed class OperatorSender(Incarnation incarnation, OperatorScheduler scheduler) : OutputSender
{
    private readonly OperatorCell _cell = incarnation.Cell;
    private readonly SamplePool _pool = scheduler.Samples;

    // What an operator with state sent since the event began: it goes out when the state is committed. Null: the operator keeps no state, nothing is held.
    private readonly List<(OutputRoute Route, OperatorSample Sample)>? _held = incarnation.State is null ? null : [];

    public override void Send(string id, ReadOnlySpan<byte> data, MetadataParameters? parameters = null)
    {
        var route = Route(id);
        if (route.Siblings.Count > 0 || _held is not null || !_cell.Outbox.IsEmpty)
        {
            Deliver(route, _pool.Copy(data, parameters));
        }
        else if (route.HasNodeSubscribers && route.Node!.TrySend(data, parameters) == PortSendStatus.Full)
        {
            Keep(route.Node, _pool.Copy(data, parameters));
        }
    }

    public override void Send(string id, IArrowArray array, MetadataParameters? parameters = null)
    {
        ArgumentNullException.ThrowIfNull(array);
        var route = Route(id);
        if (route.Siblings.Count > 0 || _held is not null || !_cell.Outbox.IsEmpty)
        {
            Deliver(route, _pool.Copy(array, parameters));
        }
        else if (route.HasNodeSubscribers && route.Node!.TrySend(array, parameters) == PortSendStatus.Full)
        {
            Keep(route.Node, _pool.Copy(array, parameters));
        }
    }

    public override void Send<TState>(string id, int length, TState state, SpanAction<byte, TState> write, MetadataParameters? parameters = null)
    {
        ArgumentNullException.ThrowIfNull(write);
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        var route = Route(id);
        if (route is { Siblings.Count: 0, HasNodeSubscribers: true } && _held is null && _cell.Outbox.IsEmpty)
        {
            if (route.Node!.TrySend(length, state, write, parameters, _pool, out var unsent) == PortSendStatus.Full)
            {
                Keep(route.Node, unsent!);
            }

            return;
        }

        var sample = _pool.Rent(length, parameters);
        try
        {
            write(sample.Writable, state);
        }
        catch
        {
            sample.Release();
            throw;
        }

        Deliver(route, sample);
    }

    public override void Forward(string id, in OperatorEvent input, MetadataParameters? parameters = null)
    {
        if (input.Kind != OperatorEventKind.Input)
        {
            throw new ArgumentException($"A {input.Kind} event has no data to forward.", nameof(input));
        }

        if (input.Sample is { } sample)
        {
            Forward(Route(id), sample, parameters);
        }
        else if (input.IsTyped && parameters is null)
        {
            Send(id, input.AsArrow(), input.Parameters); // made by a test, not received
        }
        else
        {
            Send(id, input.Data, parameters ?? input.Parameters); // the same
        }
    }

    public override void Forward(string id, RetainedSample sample, MetadataParameters? parameters = null)
    {
        ArgumentNullException.ThrowIfNull(sample);
        Forward(Route(id), sample.Sample, parameters);
    }

    public override void Log(OperatorLogLevel level, string message) => scheduler.Log(
        _cell,
        level switch
        {
            OperatorLogLevel.Error => LogLevel.Error,
            OperatorLogLevel.Warn => LogLevel.Warn,
            OperatorLogLevel.Debug => LogLevel.Debug,
            OperatorLogLevel.Trace => LogLevel.Trace,
            _ => LogLevel.Info,
        },
        message);

    private void Forward(OutputRoute route, OperatorSample sample, MetadataParameters? parameters)
    {
        if (parameters is null)
        {
            sample.AddReference();
            Deliver(route, sample);
        }
        else
        {
            Deliver(route, new AliasSample(sample, parameters, scheduler.NowNs()));
        }
    }

    /// <summary>Sends what was held, in its order: the state that it came from is committed.</summary>
    public void ReleaseHeld()
    {
        if (_held is not { Count: > 0 })
        {
            return;
        }

        var sent = 0;
        try
        {
            while (sent < _held.Count)
            {
                var (route, sample) = _held[sent++];
                DeliverNow(route, sample);
            }
        }
        finally
        {
            _held.RemoveRange(0, sent);
        }
    }

    /// <summary>Forgets what was held: the event that sent it failed.</summary>
    public void DropHeld()
    {
        foreach (var (_, sample) in _held ?? [])
        {
            sample.Release();
        }

        _held?.Clear();
    }

    private void Deliver(OutputRoute route, OperatorSample sample)
    {
        if (_held is null)
        {
            DeliverNow(route, sample);
        }
        else if (_held.Count < OperatorInput.OverfullMax)
        {
            _held.Add((route, sample));
        }
        else
        {
            sample.Release();
            throw new InvalidOperationException($"Operator '{_cell.Id}' sent {OperatorInput.OverfullMax} messages in one event: it sends without end.");
        }
    }

    // Gives a sample, and the caller's reference to it, to everybody.
    private void DeliverNow(OutputRoute route, OperatorSample sample)
    {
        try
        {
            foreach (var input in route.Siblings)
            {
                if (!input.Owner.HasEnded)
                {
                    sample.AddReference();
                    scheduler.Deliver(input, sample);
                }
            }

            if (!route.HasNodeSubscribers)
            {
                return;
            }

            if (!_cell.Outbox.IsEmpty || route.Node!.TrySend(sample) == PortSendStatus.Full)
            {
                sample.AddReference();
                Keep(route.Node!, sample);
            }
        }
        finally
        {
            sample.Release();
        }
    }

    private void Keep(IPortOutput output, OperatorSample sample)
    {
        if (_cell.Outbox.Count >= OperatorInput.OverfullMax)
        {
            sample.Release();
            throw new InvalidOperationException(
                $"{OperatorInput.OverfullMax} messages of operator '{_cell.Id}' wait for other nodes: one event sends without end.");
        }

        scheduler.NoteUnsent(_cell);
        _cell.Outbox.Add(output, sample);
    }

    private OutputRoute Route(string id)
    {
        ArgumentNullException.ThrowIfNull(id);
        if (!scheduler.IsInTurnOf(incarnation))
        {
            throw new InvalidOperationException(
                $"Operator '{_cell.Id}' can send only while it handles an event or continues what it awaited, on the runtime's thread, and not after its end.");
        }

        return _cell.Outputs.TryGetValue(id, out var route)
            ? route
            : throw new ArgumentException(
                $"Operator '{_cell.Id}' has no output '{id}'; its outputs are: {string.Join(", ", _cell.Outputs.Keys)}.", nameof(id));
    }
}
