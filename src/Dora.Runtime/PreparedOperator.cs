// SPDX-License-Identifier: Apache-2.0

using Dora.Operators;
using Dora.Runtime.State;

namespace Dora.Runtime;

/// <summary>An operator whose first instance exists already, so that its constructor's time is not taken from its first messages.</summary>
/// <remarks>Threading: one thread at a time, as for every factory.</remarks>
internal sealed class PreparedOperator : IOperatorFactory
{
    private readonly IOperatorFactory _factory;
    private IOperator? _first;

    private PreparedOperator(IOperatorFactory factory, IOperator? first)
    {
        _factory = factory;
        _first = first;
    }

    /// <summary>Makes the first instance. A constructor that throws will throw again when the runtime asks, which then handles it by its rules.</summary>
    public static PreparedOperator Of(IOperatorFactory factory, CellState? state)
    {
        try
        {
            if (state is not null)
            {
                state.Prepared = RestoredInstance.Make(factory, state, null);
                return new PreparedOperator(factory, null);
            }

            return new PreparedOperator(factory, factory.Create());
        }
#pragma warning disable CA1031 // anything may come out of a constructor of the user's
        catch (Exception)
#pragma warning restore CA1031
        {
            return new PreparedOperator(factory, null);
        }
    }

    /// <inheritdoc/>
    public IOperator Create() => Interlocked.Exchange(ref _first, null) ?? _factory.Create();

    /// <inheritdoc/>
    public IOperator Create(Operators.OperatorState state) => _factory.Create(state);

    /// <inheritdoc/>
    public void Reload(string? source = null)
    {
        _factory.Reload(source); // throws with everything as it was
        (Interlocked.Exchange(ref _first, null) as IDisposable)?.Dispose();
    }
}
