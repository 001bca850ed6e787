// SPDX-License-Identifier: Apache-2.0

namespace Dora.Runtime.Mailbox;

/// <summary>The rest of an asynchronous method of an operator, to be run as a turn of that operator.</summary>
internal readonly record struct PostedCallback(Incarnation Incarnation, SendOrPostCallback Callback, object? State)
{
    public void Run() => Callback(State);
}
