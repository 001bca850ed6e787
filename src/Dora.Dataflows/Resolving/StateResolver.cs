// SPDX-License-Identifier: Apache-2.0

using Dora.Dataflows.Descriptors;
using Dora.Dataflows.Diagnostics;
using Dora.Dataflows.Graph;

namespace Dora.Dataflows.Resolving;

/// <summary>What an operator keeps, with its defaults.</summary>
internal static class StateResolver
{
    public static StateSettings? Resolve(OperatorDescriptor op, DiagnosticBag diagnostics)
    {
        if (op.State is not { } written) return null;
        StateSettings defaults = new();
        var durability = written.Durability switch
        {
            "disk" => StateDurability.Disk,
            "sync" => StateDurability.Sync,
            _ => StateDurability.Memory,
        };
        if (durability == StateDurability.Memory && written.Keep is { Value: "name" } keep)
            diagnostics.Error(
                "DF0145", keep.Span,
                $"'keep: name' of {op.Label} needs a state that outlives the processes, and this one is in memory",
                fix: "add 'durability: disk' or 'durability: sync'");
        return new StateSettings
        {
            Durability = durability,
            MaxSizeBytes = written.MaxSizeBytes ?? defaults.MaxSizeBytes,
            IsKept = written.Keep?.Value is { } word ? word == "name" : durability != StateDurability.Memory,
            IsCommitExplicit = written.Commit == "explicit",
            Version = written.Version ?? defaults.Version,
            OnPoison = written.OnPoison switch
            {
                "reset_state" => PoisonPolicy.ResetState,
                "fail" => PoisonPolicy.Fail,
                _ => PoisonPolicy.Skip,
            },
            Redeliver = written.Redeliver,
        };
    }
}
