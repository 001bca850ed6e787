// SPDX-License-Identifier: Apache-2.0

using Dora.Latency.Reporting;

namespace Dora.Latency.Running;

/// <summary>How long a dataflow of two nodes takes to its first message, many times over.</summary>
internal static class Starts
{
    public static Figures Run(RunSettings run, string folder)
    {
        DataflowText text = new(run, folder);
        var descriptor = Path.Combine(folder, "dataflow.yml");
        File.WriteAllText(descriptor, text.Write());
        DoraProcess.Run(run, descriptor, quiet: false); // brings files into memory
        var (validated, command, main, ready) = (new long[run.Messages], new long[run.Messages], new long[run.Messages], new long[run.Messages]);
        for (var i = 0; i < run.Messages; i++)
        {
            var dora = DoraProcess.Run(run, descriptor, quiet: false);
            var (talker, listener) = (NodeResult.Read(folder, text.Ids[0]), NodeResult.Read(folder, text.Ids[1]));
            var firstNs = listener["first_received_ns"];
            validated[i] = firstNs - dora.ValidatedNs;
            command[i] = firstNs - dora.StartedNs;
            main[i] = Math.Max(talker["main_ns"], listener["main_ns"]) - dora.ValidatedNs;
            ready[i] = Math.Max(talker["ready_ns"], listener["ready_ns"]) - dora.ValidatedNs;
        }

        return new Figures
        {
            Run = run,
            Latency = Percentiles.Of(validated),
            CommandUs = Percentiles.Of(command).P50Us,
            MainUs = Percentiles.Of(main).P50Us,
            ReadyUs = Percentiles.Of(ready).P50Us,
        };
    }
}
