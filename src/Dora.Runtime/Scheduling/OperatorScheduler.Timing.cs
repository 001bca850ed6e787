// SPDX-License-Identifier: Apache-2.0

using Dora.Operators;
using Dora.Protocol.Messages;
using Dora.Runtime.Mailbox;
using Dora.Runtime.Timing;

namespace Dora.Runtime.Scheduling;

/// <content>Deadlines and budgets, of operators that have them.</content>
internal sealed partial class OperatorScheduler
{
    private long BeginTimed(OperatorCell cell, OperatorTiming timing, OperatorEventKind? kind, string id)
    {
        var now = _clock.NowNs();
        if (timing.BudgetNs > 0)
        {
            _watched.Begin(cell, kind, id, now);
            _watchdog!.NoteBegun();
        }

        return now;
    }

    private void EndTimed(OperatorCell cell, OperatorTiming timing, OperatorEventKind? kind, string id, long startedNs)
    {
        _watched.End();
        var now = _clock.NowNs();
        if (timing.NoteTaken(now - startedNs) && timing.TellOverrun(WatchSlot.WorkOf(kind, id), now - startedNs, now) is { } text)
        {
            _port.Log(LogLevel.Warn, cell.Id, $"operator '{cell.Id}' was over its budget: {text}");
        }
    }

    // After a message was handled. What is thrown here ends the instance.
    private void JudgeDeadline(OperatorCell cell, OperatorTiming timing, string input, long startNs, DoraStatus status)
    {
        var now = _clock.NowNs();
        if (!timing.NoteHandled(startNs, now))
        {
            return;
        }

        var text = timing.TellMiss(input, startNs, now);
        if (text is not null)
        {
            _port.Log(LogLevel.Warn, cell.Id, $"operator '{cell.Id}' missed a deadline: {text}");
        }

        switch (timing.OnMiss)
        {
            case MissAction.Event when status == DoraStatus.Continue:
                cell.AddControl(OperatorEventKind.DeadlineMissed, input, $"handled {Words.Of(now - startNs)} after it came");
                break;
            case MissAction.Restart when status == DoraStatus.Continue:
                throw new DeadlineMissedException($"missed a deadline: input '{input}' was handled {Words.Of(now - startNs)} after it came");
        }
    }
}
