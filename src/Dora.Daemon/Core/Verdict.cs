// SPDX-License-Identifier: Apache-2.0

namespace Dora.Daemon.Core;

/// <summary>What the end of one incarnation means.</summary>
/// <param name="Failed">Whether it should have ended otherwise.</param>
/// <param name="Summary">One short line: <c>exit code 1</c>, <c>not ready after 60 s (startup_timeout)</c>.</param>
/// <param name="StderrTail">Its last words; empty: none.</param>
internal sealed record Verdict(bool Failed, string Summary, string StderrTail = "")
{
    /// <summary>A shell reports a child that SIGTERM ended as 128 + 15.</summary>
    private const int ShellTermCode = 128 + Signals.Term;

    /// <summary>The whole story, for the failure report.</summary>
    public string Message => StderrTail.Length == 0 ? Summary : $"{Summary}; its last words:\n{StderrTail}";

    /// <summary>It never lived, be it that it could not or that it was not to.</summary>
    public static Verdict OfFailedLaunch(NodeState node, string message) =>
        node.CondemnedFor is { } cause ? new Verdict(true, cause)
        : node.Stop.Stage == StopStage.Killed ? new Verdict(false, "stopped before it was started")
        : new Verdict(true, $"could not be started: {message}");

    /// <summary>Reads an exit status in the light of what the daemon did to the node.</summary>
    public static Verdict Of(NodeState node, ExitStatus status, string stderrTail)
    {
        if (node.CondemnedFor is { } cause && !(status.IsSuccess && node.LostConnection))
            return new Verdict(true, cause, stderrTail);
        if (status.IsSuccess)
            return new Verdict(false, status.ToString());
        var stage = node.Stop.Stage;
        if (stage == StopStage.Killed && status.Signal == Signals.Kill)
        {
            return node.Stop.KilledOutright
                ? new Verdict(false, "killed (forced stop)")
                : new Verdict(true, $"killed{status.WhileRunning}: it ended neither on Stop nor on SIGTERM", stderrTail);
        }
        if (stage >= StopStage.Terminated && (status.Signal == Signals.Term || (status.Signal == 0 && status.Code == ShellTermCode)))
            return new Verdict(false, "ended by SIGTERM");
        if (stage >= StopStage.Terminated && !node.WasConnected && status.Signal == 0)
            return new Verdict(false, $"stopped before it had connected ({status})"); // it was refused, and says so
        return new Verdict(true, status.ToString(), stderrTail);
    }
}
