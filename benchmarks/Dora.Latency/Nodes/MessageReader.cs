// SPDX-License-Identifier: Apache-2.0

using Dora.Nodes;

namespace Dora.Latency.Nodes;

/// <summary>What a receiver does with the bytes of a case's messages.</summary>
internal sealed class MessageReader(NodeSettings settings)
{
    private readonly bool _touch = settings.Fill == Fill.Touch;
    private ulong _sum;

    public void Read(InputEvent message)
    {
        if (_touch)
            _sum += MessageBytes.Sum(message.Data.Span);
    }

    /// <summary>After all messages: whether what was read is what was sent.</summary>
    public void Check(long messages)
    {
        if (_touch && _sum != unchecked(MessageBytes.Sum(MessageBytes.Create(settings.Size)) * (ulong)messages))
            throw new InvalidOperationException("The bytes received are not those that were sent.");
    }
}
