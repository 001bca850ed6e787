// SPDX-License-Identifier: Apache-2.0

using Dora.Latency.Reporting;

namespace Dora.Latency.Running;

/// <summary>The runner: a dataflow for each combination of the options, and its figures.</summary>
internal static class Benchmark
{
    public static int Run(Options options, TextWriter output, TextWriter error)
    {
        Clock.Check();
        List<Figures> all = [];
        foreach (var run in Combinations(options))
        {
            if (options.Table)
                error.WriteLine(run.Description);
            if (Run(run, output) is not { } figures)
                continue;
            all.Add(figures);
            if (!options.Table)
                JsonLine.Write(figures, output);
        }

        if (all.Count > 0 && options.Table)
            Table.Write(all, output);
        return 0;
    }

    private static IEnumerable<RunSettings> Combinations(Options options)
    {
        foreach (var name in options.Cases)
        {
            // One run, whatever the size of messages that are not sent.
            var noMessages = name is "idle" or "start" or "dora-rs";
            foreach (var wait in options.Waits)
                foreach (var fill in noMessages ? [options.Fills[0]] : options.Fills)
                    foreach (var fan in noMessages ? [1] : options.Fans)
                        foreach (var rate in name is "paced" or "gc" ? options.Rates : [1])
                            foreach (var size in noMessages ? [options.Sizes[0]] : options.Sizes)
                                yield return new RunSettings { Options = options, Case = name, Size = size, Wait = wait, Fill = fill, Fan = fan, RateHz = rate };
        }
    }

    /// <summary>Null: the case has printed its own.</summary>
    private static Figures? Run(RunSettings run, TextWriter output)
    {
        var folder = Directory.CreateTempSubdirectory("dora-latency-").FullName;
        try
        {
            if (run.Case != "dora-rs")
                return run.Case == "start" ? Starts.Run(run, folder) : RunOnce(run, folder);
            RecipeRun.Run(run, folder, run.Options.Table, output);
            return null;
        }
        finally
        {
            if (!run.Options.Keep)
                Directory.Delete(folder, recursive: true);
        }
    }

    private static Figures RunOnce(RunSettings run, string folder)
    {
        DataflowText text = new(run, folder);
        var descriptor = Path.Combine(folder, "dataflow.yml");
        File.WriteAllText(descriptor, text.Write());
        DoraProcess.Run(run, descriptor, quiet: true);
        return Figures.From(run, [.. text.Ids.Select(id => NodeResult.Read(folder, id))]);
    }
}
