// SPDX-License-Identifier: Apache-2.0

namespace Dora.Daemon.Core;

/// <summary>How far the daemon has gone to end one process. It only ever goes forward.</summary>
internal enum StopStage
{
    None,

    /// <summary>A Stop event was sent, or is known to be needless; the grace runs.</summary>
    Asked,

    /// <summary>SIGTERM was sent, or will be as soon as the process exists.</summary>
    Terminated,

    /// <summary>SIGKILL was sent. Nothing is left to do but wait for the launcher's report.</summary>
    Killed,
}

/// <summary>Stop event, grace, SIGTERM, five seconds, SIGKILL: for one incarnation.</summary>
internal sealed class StopSequence(NodeState node, TimeSpan termGrace, Turn turn)
{
    public StopStage Stage { get; private set; }

    /// <summary>Whether SIGKILL came from a person's wish or a time-out rather than at the end of this sequence.</summary>
    public bool KilledOutright { get; private set; }

    /// <summary>For the next incarnation.</summary>
    public void Reset()
    {
        Stage = StopStage.None;
        KilledOutright = false;
    }

    /// <summary>SIGTERM follows at <paramref name="dueNs"/>, or when an earlier wish said, whichever is sooner.</summary>
    public void Await(long dueNs)
    {
        if (Stage >= StopStage.Terminated)
            return;
        Stage = StopStage.Asked;
        node.Deadlines.Arm(Deadline.Stop, Math.Min(node.Deadlines[Deadline.Stop], dueNs));
    }

    /// <summary>SIGTERM now, or when the process exists; SIGKILL follows.</summary>
    public void Terminate()
    {
        if (Stage >= StopStage.Terminated)
            return;
        Stage = StopStage.Terminated;
        node.Deadlines.ClearAll();
        node.Deadlines.Arm(Deadline.Stop, turn.After(termGrace));
        if (node.Life == NodeLife.Launched)
            SignalTerm();
    }

    /// <summary>The process has come to exist while a SIGTERM was due.</summary>
    public void Launched()
    {
        if (Stage == StopStage.Terminated)
            SignalTerm();
    }

    /// <summary>The stage's time is over.</summary>
    public void Advance()
    {
        node.Deadlines.Clear(Deadline.Stop);
        if (Stage == StopStage.Asked)
            Terminate();
        else if (Stage == StopStage.Terminated)
            Kill(outright: false);
    }

    /// <summary>SIGKILL, once.</summary>
    public void Kill(bool outright)
    {
        if (Stage == StopStage.Killed)
            return;
        Stage = StopStage.Killed;
        KilledOutright = outright;
        node.Deadlines.ClearAll();
        turn.Emit(new Effect.KillNode(node.Who));
    }

    private void SignalTerm() => turn.Emit(new Effect.SignalGroup(node.Who, Signals.Term));
}
