// SPDX-License-Identifier: Apache-2.0

namespace Dora.Operators;

/// <summary>An operator that wants to be told what was saved, rather than look into the <see cref="OperatorState"/> that its constructor gets.</summary>
public interface IStatefulOperator : IOperator
{
    /// <summary>Called before the first event, if something was saved or this is not the first instance.</summary>
    /// <param name="state">All keys and values that are whole; copies.</param>
    /// <param name="info">Why, and what is missing.</param>
    /// <remarks>If it throws, the instance has failed; see <c>on_poison</c>. Nothing can be sent or saved yet.</remarks>
    void RestoreState(IReadOnlyDictionary<string, ReadOnlyMemory<byte>> state, RestoreInfo info);
}
