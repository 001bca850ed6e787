// SPDX-License-Identifier: Apache-2.0

using Dora.Operators;
using Dora.Protocol.Messages;

namespace Dora.Runtime.State;

/// <summary>An instance that knows what was saved.</summary>
internal readonly record struct RestoredInstance(IOperator Operator, InstanceState State)
{
    /// <summary>Makes an instance, and tells it what was committed before it.</summary>
    /// <param name="factory">Of the operator.</param>
    /// <param name="state">Of the operator.</param>
    /// <param name="reason">Null: the first of this process.</param>
    /// <remarks>Whatever the operator throws comes through.</remarks>
    public static RestoredInstance Make(IOperatorFactory factory, CellState state, RestoreReason? reason)
    {
        var view = state.Begin(reason);
        if (!view.HasSomethingToRestore)
        {
            return new RestoredInstance(factory.Create(view), view);
        }

        if (state.BeginRestoring() && state.OnPoison == PoisonPolicy.ResetState)
        {
            state.Reset();
            view = state.Begin(RestoreReason.Reset);
        }

        IOperator? instance = null;
        try
        {
            instance = factory.Create(view);
            (instance as IStatefulOperator)?.RestoreState(state.All(), view.Restored);
            return new RestoredInstance(instance, view);
        }
        catch
        {
            (instance as IDisposable)?.Dispose();
            throw;
        }
        finally
        {
            state.EndRestoring(); // a process that dies in between leaves its mark
        }
    }
}
