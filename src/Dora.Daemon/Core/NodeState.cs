// SPDX-License-Identifier: Apache-2.0

using Dora.Dataflows.Graph;
using Dora.Protocol;

namespace Dora.Daemon.Core;

/// <summary>Whether a node has a process.</summary>
internal enum NodeLife
{
    /// <summary>Not spawned yet; a dynamic node: not attached.</summary>
    Idle,

    /// <summary>The launcher was asked and has not answered.</summary>
    Spawning,

    /// <summary>The process exists; a dynamic node: attached.</summary>
    Launched,

    /// <summary>Dead; another will be spawned when <see cref="Deadline.Restart"/> comes.</summary>
    BackingOff,

    /// <summary>Dead for good. Never a dynamic node.</summary>
    Ended,
}

/// <summary>All that the core knows of one node. Owned by the core; the flags are those of the current incarnation.</summary>
internal sealed class NodeState
{
    private readonly HashSet<DataId> _closedOutputs = [];

    public NodeState(GraphNode spec, CoreSettings settings, Turn turn)
    {
        Spec = spec;
        Restarts = new RestartBook(spec.Id, spec.Restart, settings.JitterSeed);
        Stop = new StopSequence(this, settings.TermGrace, turn);
    }

    public GraphNode Spec { get; }
    public NodeId Id => Spec.Id;
    public bool IsDynamic => Spec.Kind == NodeKind.Dynamic;

    /// <summary>Its own inputs, in the order of the descriptor.</summary>
    public List<InputState> Inputs { get; } = [];

    /// <summary>Inputs, its own included, that read one of its outputs.</summary>
    public List<InputState> Readers { get; } = [];

    public RestartBook Restarts { get; }
    public StopSequence Stop { get; }
    public Deadlines Deadlines { get; } = new();

    /// <summary>Number of the current incarnation; −1 before the first.</summary>
    public int Number { get; private set; } = -1;
    public Incarnation Who => new(Id, Number);

    public NodeLife Life { get; set; }
    public NodePhase Phase { get; set; }

    /// <summary>Its handshake is done and its socket open.</summary>
    public bool Connected { get; set; }

    /// <summary>This incarnation has had its one connection.</summary>
    public bool WasConnected { get; set; }

    /// <summary>It was told that all edges it waits for were given.</summary>
    public bool Wired { get; set; }
    public bool Ready { get; set; }

    /// <summary>It was given Start: from here on it hears of inputs and neighbours.</summary>
    public bool Started { get; set; }
    public long StartedAtNs { get; set; }

    /// <summary>Its connection ended without a goodbye, while nobody had asked it to stop.</summary>
    public bool LostConnection { get; set; }

    /// <summary>It announced its end.</summary>
    public bool SaidGoodbye { get; set; }

    /// <summary>It was told that all its inputs are closed: no new edges, no restart.</summary>
    public bool Finishing { get; set; }

    /// <summary>Why the daemon ended it, when that makes its end a failure whatever its exit status says.</summary>
    public string? CondemnedFor { get; set; }

    /// <summary>Why this incarnation is to be followed by one of a changed program; null: it is not.</summary>
    public string? Replacement { get; set; }

    /// <summary>How the latest incarnation ended, while it is open whether another follows.</summary>
    public Verdict? Pending { get; set; }

    /// <summary>What is left of its start-up time while it waits for others; null: its clock runs or is over.</summary>
    public long? StartupLeftNs { get; set; }

    /// <summary>First node whose failure reached this one, directly or through others.</summary>
    public NodeId? AffectedBy { get; set; }

    /// <summary>How it ended, once it has ended for good.</summary>
    public NodeFailure? Failure { get; set; }

    /// <summary>How its latest incarnation ended, for people.</summary>
    public string LastExit { get; set; } = "";

    public int RestartCount { get; set; }
    public long MaxRssBytes { get; set; }
    public TimeSpan CpuTime { get; set; }

    /// <summary>Has, or may have, a process (a dynamic node: is attached).</summary>
    public bool IsAlive => Life is NodeLife.Spawning or NodeLife.Launched;

    /// <summary>Frames sent to it arrive, unless it is just dying.</summary>
    public bool Listens => Connected && !SaidGoodbye;

    /// <summary>Nothing more will come from it, as far as is known; a dynamic node may still surprise.</summary>
    public bool IsOver => Life == NodeLife.Ended || (IsDynamic && Life == NodeLife.Idle && Number >= 0);

    public bool HasClosed(DataId output) => _closedOutputs.Contains(output);

    public void MarkClosed(DataId output) => _closedOutputs.Add(output);

    /// <summary>A fresh process takes the node's name.</summary>
    public void NextIncarnation(NodeLife life)
    {
        Number++;
        Life = life;
        Connected = WasConnected = Wired = Ready = Started = SaidGoodbye = LostConnection = Finishing = false;
        StartedAtNs = 0;
        CondemnedFor = null;
        Replacement = null;
        StartupLeftNs = null;
        _closedOutputs.Clear();
        Deadlines.ClearAll();
        Stop.Reset();
        foreach (var input in Inputs)
            input.Reset();
    }

    /// <summary>The process or attachment is gone.</summary>
    public void Bury(NodeLife life)
    {
        Life = life;
        Connected = Ready = Started = Finishing = false;
        StartupLeftNs = null;
        Deadlines.ClearAll();
    }
}
