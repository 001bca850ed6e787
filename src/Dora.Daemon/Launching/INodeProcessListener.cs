// SPDX-License-Identifier: Apache-2.0

using Dora.Daemon.Core;

namespace Dora.Daemon.Launching;

/// <summary>Hears a <see cref="NodeProcess"/>, on its poll's thread. Must not block and must not throw.</summary>
/// <remarks>
/// At most one <see cref="Launched"/>; then exactly one of the other three, after which no process of the node or its launcher
/// exists, and its output pipes hold the last bytes and the end.
/// </remarks>
public interface INodeProcessListener
{
    /// <summary>The node's program runs.</summary>
    void Launched(NodeProcess process, int pid);

    /// <summary>Final: the program could not be started.</summary>
    /// <param name="process">Which.</param>
    /// <param name="errno">The system's error number, 0 if none.</param>
    /// <param name="message">One line: the cause and, if there is one, the fix.</param>
    void LaunchFailed(NodeProcess process, int errno, string message);

    /// <summary>Final: the node and every descendant of it is gone.</summary>
    /// <param name="process">Which.</param>
    /// <param name="status">Exact.</param>
    /// <param name="orphansKilled">Processes that it left behind and that were killed.</param>
    void Exited(NodeProcess process, ExitStatus status, int orphansKilled);

    /// <summary>Final: the launcher died without a report. The kernel killed the node with it, and this side what else it found.</summary>
    void LauncherLost(NodeProcess process, string message);
}
