// SPDX-License-Identifier: Apache-2.0

namespace Dora.Operators;

/// <summary>One value of an operator's state. Setting it saves it: it is permanent once the event has been handled.</summary>
/// <remarks>Threads: the runtime's.</remarks>
public interface IState<T>
{
    /// <summary>What was set last, by this instance or the one before it; else the initial value.</summary>
    /// <exception cref="StateSizeException">Set: the state has no room for it.</exception>
    /// <exception cref="InvalidOperationException">Set: no event is being handled.</exception>
    T Value { get; set; }

    /// <summary>Whether it was ever set.</summary>
    bool HasValue { get; }
}
