// SPDX-License-Identifier: Apache-2.0

namespace Dora.Middleware;

/// <summary>Memory on loan from a <see cref="Publisher"/>, until it is committed or disposed.</summary>
/// <remarks>
/// <para>Ownership: exclusive to the caller. Disposing without a commit gives it back unpublished; disposing after a commit does nothing.</para>
/// <para>Lifetime: the spans are dead after either. A stale copy of the struct is recognised (slots carry a generation):
/// committing it throws, disposing it does nothing.</para>
/// <para>Threading: the thread that took it; a ref struct, so the compiler keeps it off the heap and out of awaits.</para>
/// </remarks>
public ref struct Loan : IDisposable
{
    private Publisher? _owner;
    private readonly LoanToken _token;

    internal Loan(Publisher owner, scoped in LoanToken token, Span<byte> payload, Span<byte> metadata)
    {
        _owner = owner;
        _token = token;
        Payload = payload;
        Metadata = metadata;
    }

    /// <summary>Writable bytes, exactly as many as asked for; aligned to at least 64 bytes, not zeroed.</summary>
    public Span<byte> Payload { get; private set; }

    /// <summary>Writable bytes, exactly as many as asked for, not zeroed.</summary>
    public Span<byte> Metadata { get; private set; }

    /// <summary>Whether there is anything to commit or give back.</summary>
    public readonly bool IsActive => _owner is not null;

    internal readonly LoanToken Token => _token;

    /// <summary>Who lent it.</summary>
    /// <exception cref="ObjectDisposedException">Committed or disposed, or never lent.</exception>
    internal readonly Publisher Owner => _owner ?? throw new ObjectDisposedException(nameof(Loan));

    /// <summary>Gives the memory back unless it was committed.</summary>
    public void Dispose()
    {
        var owner = _owner;
        if (owner is null)
            return;
        Clear();
        owner.ReturnLoan(_token);
    }

    /// <exception cref="ObjectDisposedException">Committed or disposed, or never lent.</exception>
    /// <exception cref="ArgumentException">Lent by another publisher.</exception>
    internal readonly void ThrowUnlessFrom(Publisher publisher)
    {
        ObjectDisposedException.ThrowIf(_owner is null, typeof(Loan));
        if (!ReferenceEquals(_owner, publisher))
            throw new ArgumentException("The loan is from another publisher.");
    }

    internal void Clear()
    {
        _owner = null;
        Payload = default;
        Metadata = default;
    }
}
