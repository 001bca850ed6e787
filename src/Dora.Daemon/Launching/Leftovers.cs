// SPDX-License-Identifier: Apache-2.0

using System.Text;
using Dora.Platform.Processes;
using Dora.Protocol;

namespace Dora.Daemon.Launching;

/// <summary>Finds and kills what nodes left behind when their launchers can't do it any more.</summary>
internal static class Leftovers
{
    private const int NoSession = -1;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <summary>Kills until a look at the process table finds nothing alive: by session and by the node's environment.</summary>
    /// <remarks>The launcher must not have been reaped: that keeps its pid, the session's id, from being reused.</remarks>
    /// <param name="session">The launcher's pid: what did not call setsid is in its session.</param>
    /// <param name="environment">What the node was started with; processes that called setsid still carry it.</param>
    public static void Kill(int session, IDictionary<string, string> environment)
    {
        var marks = Marks(environment, NodeVariables.DataflowId, NodeVariables.NodeId);
        SpinWait.SpinUntil(() => !KillOnce(session, marks), Patience);
    }

    /// <summary>Kills what is left of a run whose daemon and launchers were killed together: processes that had left their node's group.</summary>
    /// <remarks>
    /// They are found by the environment that the daemon gave their node; one that was started with another is not found. The secret's
    /// variable tells them from what people start by hand to attach to a dataflow.
    /// </remarks>
    public static void KillRun(DataflowId dataflow)
    {
        var id = dataflow.ToString();
        if (Environment.GetEnvironmentVariable(NodeVariables.DataflowId) == id)
            return; // a child of that run itself: let the next one do it
        var environment = new Dictionary<string, string>
        {
            [NodeVariables.DataflowId] = id,
            [NodeVariables.SecretFd] = NodeVariables.SecretFdValue,
        };
        var marks = Marks(environment, NodeVariables.DataflowId, NodeVariables.SecretFd);
        SpinWait.SpinUntil(() => !KillOnce(NoSession, marks), Patience);
    }

    private static bool KillOnce(int session, byte[][] marks)
    {
        var found = false;
        foreach (var process in ProcessStat.ReadAll())
        {
            if (process.HasEnded || process.Pid == session || process.Pid == Environment.ProcessId)
                continue;
            if (process.SessionId == session || CarriesMarks(process.Pid, marks))
                found |= PidFd.SendTo(process, Signal.SIGKILL);
        }
        return found;
    }

    private static byte[][] Marks(IDictionary<string, string> environment, params ReadOnlySpan<string> names)
    {
        var marks = new List<byte[]>();
        foreach (var name in names)
        {
            if (!environment.TryGetValue(name, out var value) || value.Length == 0)
                return [];
            marks.Add(Encoding.UTF8.GetBytes($"{name}={value}\0"));
        }
        return [.. marks];
    }

    private static bool CarriesMarks(int pid, byte[][] marks)
    {
        if (marks.Length == 0)
            return false;
        try
        {
            var environment = File.ReadAllBytes($"/proc/{pid}/environ");
            return Array.TrueForAll(marks, mark =>
            {
                var at = environment.AsSpan().IndexOf(mark);
                return at == 0 || (at > 0 && environment[at - 1] == 0);
            });
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false; // gone, or another user's
        }
    }
}
