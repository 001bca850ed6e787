// SPDX-License-Identifier: Apache-2.0

using Dora.Daemon.Core;
using Dora.Dataflows.Graph;

namespace Dora.SimulationTests.DaemonCore;

/// <summary>How a process answers a wish that it should end.</summary>
internal enum EndAnswer
{
    EndsWell,
    EndsWithGoodbye,
    Fails,
    DiesOfSignal,
    Ignores,
}

/// <summary>What a process does with its life, if nobody interferes.</summary>
internal enum Fate
{
    WorksUntilStopped,
    EndsAfterWork,
    Crashes,
    ClosesOutputsThenWorks,
    LosesConnectionAndLivesOn,
    LosesConnectionAndDies,
    FallsSilent,
    LingersAfterGoodbye,
}

/// <summary>How far a process gets before something is wrong with it.</summary>
internal enum Reaches
{
    Start,
    NothingLaunchFails,
    NoConnectionHangs,
    NoConnectionEndsWell,
    NoConnectionFails,
    ConnectionThenHangs,
    ConnectionThenCrashes,
    ConnectionThenEndsWell,
    ConnectionThenDisconnects,
    ReadyThenCrashes,
    ReadyThenSaysGoodbyeAndHangs,
}

/// <summary>One simulated process: its character, drawn when it is spawned, and its present state.</summary>
internal sealed class SimProcess
{
    public required Incarnation Who { get; init; }
    public required GraphNode Spec { get; init; }
    public required Reaches Reaches { get; init; }
    public required Fate Fate { get; init; }
    public required EndAnswer OnStop { get; init; }
    public required EndAnswer OnTerm { get; init; }
    public bool IsDynamic => Spec.Kind == NodeKind.Dynamic;

    /// <summary>The launcher has started it and it has not died: the truth, whatever the core was told.</summary>
    public bool Exists { get; set; }
    public bool Connected { get; set; }
    public bool Started { get; set; }
    public bool Silent { get; set; }

    /// <summary>The launcher's one final report is on its way or was given.</summary>
    public bool FinalReportGiven { get; set; }
    public bool LauncherGone { get; set; }
    public bool KilledWhileLaunching { get; set; }

    /// <summary>A character; a calm one has no faults.</summary>
    public static SimProcess Draw(SimRandom random, Incarnation who, GraphNode spec, int troublePercent)
    {
        // What has crashed often enough behaves well at last, so that endless restarts do not make endless histories.
        var trouble = who.Number > 12 ? 0 : troublePercent;
        return new SimProcess
        {
            Who = who,
            Spec = spec,
            Reaches = random.Percent(trouble / 2) ? (Reaches)random.Between(1, 10) : Reaches.Start,
            Fate = random.Percent(trouble) ? (Fate)random.Between(1, 7)
                : spec.Inputs.IsEmpty || random.Percent(30) ? Fate.EndsAfterWork
                : Fate.WorksUntilStopped,
            OnStop = random.Percent(trouble) ? (EndAnswer)random.Between(0, 4) : random.Pick(EndAnswer.EndsWell, EndAnswer.EndsWithGoodbye),
            OnTerm = random.Percent(trouble)
                ? random.Pick(EndAnswer.EndsWell, EndAnswer.Fails, EndAnswer.DiesOfSignal, EndAnswer.Ignores)
                : EndAnswer.DiesOfSignal,
        };
    }
}
