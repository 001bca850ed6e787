// SPDX-License-Identifier: Apache-2.0

using System.Globalization;

namespace Dora.Comparison;

/// <summary>The command line.</summary>
internal sealed record Settings
{
    public const string Usage = """
        Dora.Comparison: runs dora and its peers beside each other and reports medians, spread, goals and plots.
          --plan languages   nodes in C, C++, Rust and Python beside those in C#, instead of dora beside its peers
          --rounds N         rounds over all cells, each in another order (3)
          --quick            a fifth of the time a run, one round: a look, not a measurement
          --peers P,…        only these peers
          --cases C,…        only these tables (ids of plan.json) or cases
          --sizes N,…        only these sizes
          --seed N           of the order (1)
          --artifacts DIR    where the programs are (artifacts)
          --output DIR       where results go (artifacts/benchmarks/<utc>, of another plan artifacts/benchmarks-<plan>/<utc>)
          --resume DIR       go on with an earlier run; 'latest' is the newest
          --time-limit MIN   stop after this many minutes; exit code 75: not done, resume
          --report           run nothing, only report what --resume names
          --update-docs      write tables and plots into docs/guide/performance.md and docs/guide/performance/
        Exit code: 0 done, whatever the goals say; 1 no results; 2 wrong usage; 75 not done yet.
        """;

    /// <summary>Null: the comparison with peers. Else the folder of another plan beside the program.</summary>
    public string? Plan { get; private init; }

    public int Rounds { get; private init; } = 3;

    public bool Quick { get; private init; }

    public IReadOnlyCollection<string> Peers { get; private init; } = [];

    public IReadOnlyCollection<string> Cases { get; private init; } = [];

    public IReadOnlyCollection<int> Sizes { get; private init; } = [];

    public int Seed { get; private init; } = 1;

    public required string Root { get; init; }

    public required string Artifacts { get; init; }

    public string? Output { get; private init; }

    public string? Resume { get; private init; }

    public TimeSpan? TimeLimit { get; private init; }

    public bool ReportOnly { get; private init; }

    public bool UpdateDocs { get; private init; }

    /// <exception cref="ArgumentException">The command line is wrong.</exception>
    public static Settings Parse(ReadOnlySpan<string> arguments, string root)
    {
        var settings = new Settings { Root = root, Artifacts = Path.Combine(root, "artifacts") };
        int? rounds = null;
        for (int i = 0; i < arguments.Length; i++)
        {
            string name = arguments[i];
            switch (name)
            {
                case "--quick":
                    settings = settings with { Quick = true };
                    continue;
                case "--report":
                    settings = settings with { ReportOnly = true };
                    continue;
                case "--update-docs":
                    settings = settings with { UpdateDocs = true };
                    continue;
            }

            if (++i == arguments.Length)
                throw new ArgumentException($"'{name}' is no option, or lacks its value");
            string value = arguments[i];
            settings = name switch
            {
                "--plan" => value == "languages" ? settings with { Plan = value } : throw new ArgumentException($"there is no plan '{value}'"),
                "--rounds" => settings with { Rounds = (rounds = Number(value)).Value },
                "--peers" => settings with { Peers = value.Split(',') },
                "--cases" => settings with { Cases = value.Split(',') },
                "--sizes" => settings with { Sizes = [.. value.Split(',').Select(Number)] },
                "--seed" => settings with { Seed = Number(value) },
                "--artifacts" => settings with { Artifacts = Path.GetFullPath(value) },
                "--output" => settings with { Output = Path.GetFullPath(value) },
                "--resume" => settings with { Resume = value },
                "--time-limit" => settings with { TimeLimit = TimeSpan.FromMinutes(double.Parse(value, CultureInfo.InvariantCulture)) },
                _ => throw new ArgumentException($"there is no option '{name}'"),
            };
        }

        if (settings.ReportOnly && settings.Resume is null)
            throw new ArgumentException("--report needs --resume");
        return settings.Quick && rounds is null ? settings with { Rounds = 1 } : settings;
    }

    /// <summary>The folder of this run's results; made if it is new.</summary>
    /// <exception cref="ArgumentException">What was to be resumed is not there.</exception>
    public string ResultsFolder(TimeProvider time)
    {
        string all = Path.Combine(Root, "artifacts", Plan is null ? "benchmarks" : $"benchmarks-{Plan}");
        if (Resume is not null)
        {
            string? folder = Resume != "latest" ? Path.GetFullPath(Resume) :
                Directory.Exists(all) ? Directory.EnumerateDirectories(all).Where(d => File.Exists(Path.Combine(d, "results.jsonl"))).Max(StringComparer.Ordinal) : null;
            return folder is not null && Directory.Exists(folder) ? folder : throw new ArgumentException($"there is no earlier run '{Resume}'");
        }

        string made = Output ?? Path.Combine(all, time.GetUtcNow().ToString("yyyyMMdd'T'HHmmss'Z'", CultureInfo.InvariantCulture));
        Directory.CreateDirectory(made);
        return made;
    }

    private static int Number(string value) =>
        int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : throw new ArgumentException($"'{value}' is no number");
}
