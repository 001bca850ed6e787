// SPDX-License-Identifier: Apache-2.0

using System.Buffers;
using Apache.Arrow;
using Dora.Operators;
using Dora.Protocol;
using Dora.Runtime.Samples;

namespace Dora.Runtime.Port;

/// <summary>An output of the runtime node, read by other nodes. Never waits.</summary>
internal interface IPortOutput
{
    /// <summary>Whether any other node would get the next message.</summary>
    bool HasSubscribers { get; }

    /// <summary>Sends bytes, if every receiver that must not lose messages has room.</summary>
    PortSendStatus TrySend(ReadOnlySpan<byte> data, MetadataParameters? parameters);

    /// <summary>Sends a typed array.</summary>
    PortSendStatus TrySend(IArrowArray array, MetadataParameters? parameters);

    /// <summary>Sends what an operator made or passes on; a message of another node keeps everything that came with it.</summary>
    PortSendStatus TrySend(OperatorSample sample);

    /// <summary>Sends what <paramref name="write"/> writes, straight into shared memory.</summary>
    /// <param name="length">Bytes of the payload.</param>
    /// <param name="state">Given to <paramref name="write"/>.</param>
    /// <param name="write">Called exactly once, also when the answer is <see cref="PortSendStatus.Full"/>.</param>
    /// <param name="parameters">Metadata.</param>
    /// <param name="pool">Where memory for <paramref name="unsent"/> comes from.</param>
    /// <param name="unsent">What could not be sent yet; the caller's.</param>
    PortSendStatus TrySend<TState>(
        int length, TState state, SpanAction<byte, TState> write, MetadataParameters? parameters, SamplePool pool, out OwnedSample? unsent)
        where TState : allows ref struct;

    /// <summary>Ends the output for its receivers, after what was sent.</summary>
    void Close();
}

/// <summary>What became of a message for other nodes.</summary>
internal enum PortSendStatus
{
    /// <summary>It is on its way, or nobody wants it.</summary>
    Sent,

    /// <summary>A receiver is full, or the memory is; try again later.</summary>
    Full,

    /// <summary>The output is closed.</summary>
    Closed,
}
