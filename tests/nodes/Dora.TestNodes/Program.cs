// SPDX-License-Identifier: Apache-2.0

using Dora.TestNodes;
using Dora.TestNodes.Behaviours;

// Nodes that behave well, badly or strangely, for tests with real processes. The first argument says how; README.md lists them.
Dictionary<string, Func<Options, int>> behaviours = new()
{
    ["source"] = Flow.Source,
    ["sink"] = Flow.Sink,
    ["relay"] = Flow.Relay,
    ["growing"] = Counts.Growing,
    ["allocation_probe"] = Probes.Allocation,
    ["arrow_source"] = Probes.ArrowSource,
    ["arrow_sink"] = Probes.ArrowSink,
    ["prints_environment"] = Probes.PrintEnvironment,
    ["writes_payload"] = Hostile.WritePayload,
    ["scribbles_ring"] = Hostile.ScribbleRing,
    ["bad_frames"] = Hostile.BadFrames,
    ["crashes_on_start"] = Crashes.OnStart,
    ["crashes_after_n"] = Crashes.AfterN,
    ["exits_before_connect"] = Crashes.ExitBeforeConnect,
    ["hangs_in_init"] = Stubborn.HangInInit,
    ["ignores_stop"] = Stubborn.IgnoreStop,
    ["ignores_sigterm"] = Stubborn.IgnoreSigterm,
    ["never_reads"] = Stubborn.NeverRead,
    ["sleeps_per_message"] = Stubborn.SleepPerMessage,
    ["holds_samples"] = Stubborn.HoldSamples,
    ["double_forks"] = Processes.DoubleFork,
    ["eats_memory"] = Processes.EatMemory,
    ["floods_log"] = Logs.Flood,
    ["prints_json_logs"] = Logs.PrintJson,
};

if (args.Length == 0 || !behaviours.TryGetValue(args[0], out var behave))
{
    Console.Error.WriteLine($"usage: Dora.TestNodes BEHAVIOUR [--option value …]; behaviours: {string.Join(", ", behaviours.Keys.Order())}");
    return 64;
}

return behave(new Options(args.AsSpan(1)));
