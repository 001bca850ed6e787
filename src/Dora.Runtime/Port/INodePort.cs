// SPDX-License-Identifier: Apache-2.0

using Dora.Protocol.Messages;

namespace Dora.Runtime.Port;

/// <summary>The runtime's node as the scheduler sees it: what comes in, what goes out, what is told to the daemon.</summary>
/// <remarks>
/// The seam for tests, which put a node without a daemon here. Threads: the scheduler's, except <see cref="Wake"/>, <see cref="Log"/>, <see cref="Report"/>,
/// <see cref="NoteRunning"/> and <see cref="NowNs"/>, which any thread may call.
/// </remarks>
internal interface INodePort
{
    /// <summary>The node's part of the dataflow, with its operators.</summary>
    NodeConfig Config { get; }

    /// <summary>Waits for the next event; <see cref="PortEventKind.None"/> when the time is up or somebody called <see cref="Wake"/>.</summary>
    /// <param name="timeout">Zero: don't wait. <see cref="Timeout.InfiniteTimeSpan"/>: until something happens.</param>
    PortEvent Receive(TimeSpan timeout);

    /// <summary>The same for one who has nothing to do until then that the end of the node must wait for.</summary>
    PortEvent ReceiveIdle(TimeSpan timeout) => Receive(timeout);

    /// <summary>Ends a wait in <see cref="Receive"/>, or the next one.</summary>
    void Wake();

    /// <summary>Leaves an input's messages in its own queue, where its policy holds, until it is resumed.</summary>
    void SetPaused(string inputId, bool isPaused);

    /// <summary>An output of the node, <c>operator/output</c>.</summary>
    IPortOutput GetOutput(string outputId);

    /// <summary>Tells the daemon what became of an operator, and what it has counted.</summary>
    void Report(OperatorReport report);

    /// <summary>Tells the daemon what became of the messages of an operator's join.</summary>
    void ReportJoin(JoinReport report);

    /// <summary>Notes whose code runs from now on, for the daemon's report if this process dies of it. Costs a store.</summary>
    /// <param name="number">An operator's place in the configuration, from 1; 0: none.</param>
    /// <param name="thread">Which of the threads that run operators, from 0.</param>
    void NoteRunning(int number, int thread = 0);

    /// <summary>Writes to the node's log.</summary>
    void Log(LogLevel level, string operatorId, string message);

    /// <summary>A time stamp for a message: hybrid logical clock, Unix nanoseconds.</summary>
    ulong NowNs();
}
