// SPDX-License-Identifier: Apache-2.0

namespace Dora.Middleware;

/// <summary>Properties of a message that its transport acts on. Travels with the message.</summary>
[Flags]
public enum MessageFlags : uint
{
    /// <summary>An ordinary message.</summary>
    None = 0,

    /// <summary>Part of a request or goal: never dropped in favour of a newer message. Where it finds no place, the sender waits.</summary>
    Correlated = 1,
}
