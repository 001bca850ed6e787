// SPDX-License-Identifier: Apache-2.0

using Dora.Middleware;

namespace Dora.Nodes.Receiving;

/// <summary>The inputs in the order in which they were served: who has waited longest is asked first.</summary>
/// <remarks>A linked list through the ports, so that serving one costs two links, however many there are. Receiving thread only.</remarks>
internal sealed class FairOrder : IServiceOrder
{
    private InputPort? _first;
    private InputPort? _last;

    public FairOrder(IEnumerable<InputPort> ports)
    {
        foreach (var port in ports)
            Append(port);
    }

    /// <inheritdoc/>
    public InputPort? TryTake(out Message message)
    {
        InputPort? previous = null;
        for (var port = _first; port is not null; previous = port, port = port.Next)
        {
            if (!port.TryTake(out message))
                continue;
            if (port != _last)
            {
                Unlink(previous, port);
                Append(port);
            }

            return port;
        }

        message = default;
        return null;
    }

    private void Unlink(InputPort? previous, InputPort port)
    {
        if (previous is null)
            _first = port.Next;
        else
            previous.Next = port.Next;
    }

    private void Append(InputPort port)
    {
        port.Next = null;
        if (_last is null)
            _first = port;
        else
            _last.Next = port;
        _last = port;
    }
}
