// SPDX-License-Identifier: Apache-2.0

namespace Dora.Middleware;

/// <summary>A <see cref="Loan"/> on the heap, for bindings that give it to another language by a handle.</summary>
/// <remarks>
/// <para>Ownership: as a loan's; <see cref="Dispose"/> gives the memory back unless <see cref="Resume"/>'s loan was committed.</para>
/// <para>The holder keeps the spans itself, as addresses: lent memory does not move.</para>
/// <para>Threading: one thread at a time.</para>
/// </remarks>
public sealed class HeldLoan : IDisposable
{
    private readonly Publisher _owner;
    private readonly LoanToken _token;

    private HeldLoan(Publisher owner, LoanToken token)
    {
        _owner = owner;
        _token = token;
    }

    /// <summary>Takes a loan over; <paramref name="loan"/> is empty afterwards.</summary>
    public static HeldLoan Take(ref Loan loan)
    {
        var held = new HeldLoan(loan.Owner, loan.Token);
        loan.Clear();
        return held;
    }

    /// <summary>The loan again, to be committed.</summary>
    /// <param name="payload">Exactly the span that was lent; so <paramref name="metadata"/>.</param>
    /// <param name="metadata">Room for metadata.</param>
    /// <returns>Another view of this loan: commit it or let it go, but do not dispose both.</returns>
    public Loan Resume(Span<byte> payload, Span<byte> metadata) => new(_owner, _token, payload, metadata);

    /// <summary>Gives the memory back; does nothing after a commit.</summary>
    public void Dispose() => _owner.ReturnLoan(_token);
}
