// SPDX-License-Identifier: Apache-2.0

using Apache.Arrow;
using Dora.Nodes;
using Dora.Operators;
using Dora.Protocol;

namespace Dora.Runtime.Port;

/// <summary>A message of another node, in the memory that its publisher wrote.</summary>
internal sealed class NodeSample(NodeSamplePool pool) : OperatorSample
{
    private InputEvent? _event;
    private int _references; // any thread, interlocked

    /// <summary>The retained event; for whoever holds a reference.</summary>
    public InputEvent? Event => _event;

    public override ReadOnlyMemory<byte> Data => _event!.Data.Memory;
    public override ulong TimestampNs => _event!.Metadata.TimestampNs;
    public override MetadataParameters Parameters => _event!.Metadata.Parameters;

    public override bool IsTyped => _event!.Data.IsTyped;

    public override ReadOnlyMemory<byte> ArrowMetadata => IsTyped ? _event!.Metadata.Encoded.ToArray() : default;

    public override IArrowArray AsArrow() => _event!.Data.AsArrow();

    public override void AddReference() => Interlocked.Increment(ref _references);

    public override void Release()
    {
        if (Interlocked.Decrement(ref _references) == 0)
        {
            _event!.Dispose();
            _event = null;
            pool.Return(this);
        }
    }

    /// <summary>Takes over an event that was retained.</summary>
    internal NodeSample Start(InputEvent retained)
    {
        _event = retained;
        _references = 1;
        return this;
    }
}

/// <summary>Idle <see cref="NodeSample"/> objects. Threads: any; the lock is held for a few instructions.</summary>
internal sealed class NodeSamplePool
{
    private readonly Lock _lock = new();
    private readonly Stack<NodeSample> _idle = new(); // as many as were in use at once

    public NodeSample Rent(InputEvent retained)
    {
        NodeSample? sample;
        lock (_lock)
        {
            _idle.TryPop(out sample);
        }

        return (sample ?? new NodeSample(this)).Start(retained);
    }

    internal void Return(NodeSample sample)
    {
        lock (_lock)
        {
            _idle.Push(sample);
        }
    }
}
