// SPDX-License-Identifier: Apache-2.0

using Dora.Middleware;

namespace Dora.Nodes.Receiving;

/// <summary>Which input is served next. Receiving thread only.</summary>
internal interface IServiceOrder
{
    /// <summary>Takes one message from the input that has waited longest among those that have any.</summary>
    /// <param name="message">The message.</param>
    /// <returns>Whose it is; null: nobody has one.</returns>
    InputPort? TryTake(out Message message);
}
