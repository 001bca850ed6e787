// SPDX-License-Identifier: Apache-2.0

using Dora.Nodes;

namespace Dora.Latency.Nodes;

/// <summary>Sends the messages of a case through the public API.</summary>
internal sealed class MessageSender
{
    private readonly NodeOutput _output;
    private readonly byte[] _data;
    private readonly byte[] _marker;
    private readonly Fill _fill;

    public MessageSender(NodeOutput output, NodeSettings settings)
    {
        _output = output;
        _fill = settings.Fill;
        _data = MessageBytes.Create(settings.Size);
        _marker = new byte[MessageBytes.MarkerLength(settings.Size)];
    }

    public void Send()
    {
        if (_fill == Fill.Loan)
            SendLoan(_data.Length);
        else
            Check(_output.Send(_data));
    }

    /// <summary>False: a subscriber's queue is full.</summary>
    public bool TrySend()
    {
        var status = _output.TrySend(_data);
        if (status != SendStatus.BackPressured)
            Check(status);
        return status == SendStatus.Sent;
    }

    /// <summary>Makes the pool grow to so many more messages.</summary>
    public void Reserve(int messages)
    {
        if (messages == 0)
            return;
        using var loan = _output.Loan(_data.Length);
        Reserve(messages - 1);
    }

    /// <summary>Tells receivers that the next message is the first that counts.</summary>
    public void SendMarker() => Check(_output.Send(_marker));

    private void SendLoan(int length)
    {
        using var loan = _output.Loan(length);
        Check(loan.SendOrWait(length));
    }

    private static void Check(SendStatus status)
    {
        if (status != SendStatus.Sent)
            throw new InvalidOperationException($"Sending ended with {status}.");
    }
}
