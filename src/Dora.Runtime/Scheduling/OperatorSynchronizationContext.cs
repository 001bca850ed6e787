// SPDX-License-Identifier: Apache-2.0

using System.Runtime.ExceptionServices;
using Dora.Runtime.Mailbox;

namespace Dora.Runtime.Scheduling;

/// <summary>Brings what an operator awaits back to the scheduler's thread, as a turn of that operator.</summary>
/// <remarks>It is also how an exception in an <c>async void</c> method reaches its operator instead of ending the process.</remarks>
internal sealed class OperatorSynchronizationContext(Incarnation incarnation, OperatorScheduler scheduler) : SynchronizationContext
{
    public override void Post(SendOrPostCallback d, object? state)
    {
        // This is how an asynchronous method's exception comes; one of an operator with state must not come after the commit.
        if (state is ExceptionDispatchInfo thrown && incarnation.State is not null && scheduler.IsInTurnOf(incarnation))
        {
            incarnation.Thrown ??= thrown;
            return;
        }

        scheduler.Post(new PostedCallback(incarnation, d, state));
    }

    public override void Send(SendOrPostCallback d, object? state)
    {
        if (!scheduler.IsInTurnOf(incarnation))
        {
            throw new NotSupportedException("An operator's thread is never waited for: use Post.");
        }

        d(state);
    }

    public override SynchronizationContext CreateCopy() => this;
}
