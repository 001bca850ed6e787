// SPDX-License-Identifier: Apache-2.0

using Dora.Operators;

namespace Dora.Runtime.Mailbox;

/// <summary>Something other than a message that an operator is to be told.</summary>
/// <param name="Kind">What.</param>
/// <param name="Id">Input or node.</param>
/// <param name="Reason">For people.</param>
internal readonly record struct ControlEvent(OperatorEventKind Kind, string Id, string Reason);
