// SPDX-License-Identifier: Apache-2.0

namespace Dora.Nodes;

/// <summary>What an event says, for code that switches on a value rather than on the type.</summary>
public enum EventKind
{
    /// <summary>A message or a timer tick: <see cref="InputEvent"/>.</summary>
    Input,

    /// <summary>An input will bring nothing more, or is late: <see cref="InputClosedEvent"/>.</summary>
    InputClosed,

    /// <summary>A late input brings messages again: <see cref="InputRecoveredEvent"/>.</summary>
    InputRecovered,

    /// <summary>A node upstream was started again: <see cref="NodeRestartedEvent"/>.</summary>
    NodeRestarted,

    /// <summary>A node upstream failed: <see cref="NodeFailedEvent"/>.</summary>
    NodeFailed,

    /// <summary>This node shall end: <see cref="StopEvent"/>.</summary>
    Stop,

    /// <summary>An operator's program changed: <see cref="ReloadEvent"/>.</summary>
    Reload,

    /// <summary>Something of this node's connections broke: <see cref="ErrorEvent"/>.</summary>
    Error,

    /// <summary>Messages of several inputs that belong together: <see cref="JoinedEvent"/>.</summary>
    Joined,
}
