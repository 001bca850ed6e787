// SPDX-License-Identifier: Apache-2.0

using Dora.Middleware;
using Dora.Protocol;

namespace Dora.Nodes;

/// <summary>Shared memory on loan to this node, in which a message is built in place: nothing is copied when it is sent.</summary>
/// <remarks>
/// <para>Ownership: exclusive to the caller; disposing an unsent loan gives the memory back unpublished.</para>
/// <para>Lifetime: <see cref="Payload"/> is dead once the loan was sent or disposed; do not keep spans.</para>
/// <para>Threading: the thread that took it; a ref struct, so the compiler keeps it off the heap and out of awaits.</para>
/// </remarks>
public ref struct OutputLoan : IDisposable
{
    private readonly NodeOutput _output;
    private Loan _loan;

    internal OutputLoan(NodeOutput output, Loan loan)
    {
        _output = output;
        _loan = loan;
    }

    /// <summary>Writable bytes, exactly as many as asked for; 64-byte aligned, not zeroed. Empty after sending.</summary>
    public readonly Span<byte> Payload => _loan.Payload;

    /// <summary>Publishes the first <paramref name="lengthBytes"/> bytes. Never blocks, never allocates.</summary>
    /// <param name="lengthBytes">At most as many as were lent.</param>
    /// <param name="parameters">Metadata; at most as many encoded bytes as were asked for when the loan was taken.</param>
    /// <returns>After <see cref="SendStatus.BackPressured"/> and <see cref="SendStatus.PoolExhausted"/> the loan is still good: try again, or dispose it.</returns>
    /// <exception cref="ObjectDisposedException">The loan was already sent or disposed.</exception>
    /// <exception cref="ArgumentException">More bytes or metadata than were lent.</exception>
    public SendStatus Send(int lengthBytes, MetadataParameters? parameters = null) =>
        _output.Commit(ref _loan, lengthBytes, parameters, wait: false);

    /// <summary>Like <see cref="Send"/>, but waits while a subscriber pushes back.</summary>
    /// <inheritdoc cref="Send" path="/param|/exception"/>
    public SendStatus SendOrWait(int lengthBytes, MetadataParameters? parameters = null) =>
        _output.Commit(ref _loan, lengthBytes, parameters, wait: true);

    /// <summary>Gives the memory back, unless it was sent.</summary>
    public void Dispose() => _loan.Dispose();
}
