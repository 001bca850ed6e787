// SPDX-License-Identifier: Apache-2.0

using Dora.Dataflows.Descriptors;
using Dora.Dataflows.Diagnostics;
using Dora.Dataflows.Graph;

namespace Dora.Dataflows.Resolving;

/// <summary>Restart and health settings with their defaults.</summary>
internal static class SupervisionResolver
{
    private static readonly string[] NeedRestartPolicy = ["max_restarts", "restart_delay", "max_restart_delay", "restart_window"];

    public static RestartSettings Restart(NodeDescriptor node, DiagnosticBag diagnostics)
    {
        var written = node.Supervision;
        var policy = written.RestartPolicy?.Value switch
        {
            "on-failure" => RestartPolicy.OnFailure,
            "always" => RestartPolicy.Always,
            _ => RestartPolicy.Never,
        };
        if (policy == RestartPolicy.Never)
            ReportUnused(node, NeedRestartPolicy, "'restart_policy' is 'never'", "add 'restart_policy: on-failure' or 'always'", diagnostics);
        else if (written.RestartWindow is not null && written.MaxRestarts is null or 0)
            ReportUnused(node, ["restart_window"], "there is no limit to count against", "add 'max_restarts'", diagnostics);
        else if (written.MaxRestartDelay is not null && written.RestartDelay is null)
            ReportUnused(node, ["max_restart_delay"], "there is no 'restart_delay' that could grow", "add 'restart_delay'", diagnostics);
        return new RestartSettings
        {
            Policy = policy,
            MaxRestarts = written.MaxRestarts ?? 0,
            Delay = written.RestartDelay ?? TimeSpan.Zero,
            MaxDelay = written.MaxRestartDelay,
            Window = written.RestartWindow,
        };
    }

    public static HealthSettings Health(SupervisionDescriptor written)
    {
        HealthSettings defaults = new();
        return new HealthSettings
        {
            StartupTimeout = written.StartupTimeout ?? defaults.StartupTimeout,
            HealthCheckTimeout = written.HealthCheckTimeout,
            StopGrace = written.StopGrace ?? defaults.StopGrace,
            FinishGrace = written.FinishGrace,
        };
    }

    private static void ReportUnused(NodeDescriptor node, string[] keys, string why, string fix, DiagnosticBag diagnostics)
    {
        foreach (string key in keys)
        {
            if (node.Mapping.Find(key) is { } entry)
                diagnostics.Warning("DF0130", entry.Key.Span, $"{Quoted.Text(key)} of {node.Label} does nothing: {why}", fix: fix);
        }
    }
}
