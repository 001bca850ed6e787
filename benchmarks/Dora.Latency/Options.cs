// SPDX-License-Identifier: Apache-2.0

using System.Globalization;

namespace Dora.Latency;

/// <summary>The command line of the runner. Values that are lists make one run for each combination.</summary>
internal sealed class Options
{
    public const string Usage = """
        Dora.Latency [options]: measures dora end to end, in dataflows that `dora run` starts. One JSON line a run on standard output.
          --case C,…      pingpong (half a round trip), paced (one way), throughput (lossless), gc (paced beside a busy garbage collector),
                          idle, start (of a dataflow, up to its first message), dora-rs (the recipe and the columns of dora-rs's benchmark)
          --size N,…      bytes of a message; default 0,8,512,4096,40960,409600,4194304,41943040
          --wait W,…      block, adaptive or spin
          --fill F,…      loan (built in place), write (copied by the sender), touch (and read by the receiver)
          --fan N,…       subscribers
          --messages N    measured messages; default: as many as take a second or so
          --warmup N      messages before them, at least
          --warmup-ms N   time before them, at least (300)
          --rate HZ,…     of paced messages (1000)
          --queue N       queue_size of throughput's inputs
          --allocate MB   a second in each node: for gc (100)
          --pin           publisher on the first core, subscribers on the others
          --peer NAME     name in the results (dora)
          --nodes FILE    executable of the nodes (this one)
          --dora FILE     the dora to start dataflows with ('dora' in PATH)
          --table         a table instead of JSON lines
          --keep          keep the temporary folders
        """;

    public static readonly int[] DefaultSizes = [0, 8, 512, 4_096, 40_960, 409_600, 4_194_304, 41_943_040];

    public IReadOnlyList<string> Cases { get; private set; } = ["pingpong"];

    public IReadOnlyList<int> Sizes { get; private set; } = DefaultSizes;

    public IReadOnlyList<string> Waits { get; private set; } = ["adaptive"];

    public IReadOnlyList<Fill> Fills { get; private set; } = [Fill.Write];

    public IReadOnlyList<int> Fans { get; private set; } = [1];

    public IReadOnlyList<double> Rates { get; private set; } = [1_000];

    public int? Messages { get; private set; }

    public int? Warmup { get; private set; }

    public int WarmupMs { get; private set; } = 300;

    public int? Queue { get; private set; }

    public int AllocateMegabytes { get; private set; } = 100;

    public bool Pin { get; private set; }

    public string Peer { get; private set; } = "dora";

    public string Nodes { get; private set; } = Environment.ProcessPath!;

    public string Dora { get; private set; } = "dora";

    public bool Table { get; private set; }

    public bool Keep { get; private set; }

    public static Options Parse(string[] args)
    {
        Options options = new();
        for (var i = 0; i < args.Length; i++)
        {
            var name = args[i];
            if (name == "--table")
                options.Table = true;
            else if (name == "--keep")
                options.Keep = true;
            else if (name == "--pin")
                options.Pin = true;
            else if (++i < args.Length)
                options.Set(name, args[i]);
            else
                throw new UsageException($"'{name}' is no option, or lacks its value.");
        }

        return options;
    }

    private void Set(string name, string value)
    {
        switch (name)
        {
            case "--case":
                Cases = Among(value, "pingpong", "paced", "throughput", "gc", "idle", "start", "dora-rs");
                break;
            case "--size":
                Sizes = List(value, Number);
                break;
            case "--wait":
                Waits = Among(value, "block", "adaptive", "spin");
                break;
            case "--fill":
                Fills = [.. Among(value, "loan", "write", "touch").Select(f => Enum.Parse<Fill>(f, ignoreCase: true))];
                break;
            case "--fan":
                Fans = List(value, Number);
                break;
            case "--rate":
                Rates = List(value, text => double.TryParse(text, CultureInfo.InvariantCulture, out var hz) && hz > 0 ? hz : throw NoNumber(text));
                break;
            case "--messages":
                Messages = Number(value);
                break;
            case "--warmup":
                Warmup = Number(value);
                break;
            case "--warmup-ms":
                WarmupMs = Number(value);
                break;
            case "--queue":
                Queue = Number(value);
                break;
            case "--allocate":
                AllocateMegabytes = Number(value);
                break;
            case "--peer":
                Peer = value;
                break;
            case "--nodes":
                Nodes = Path.GetFullPath(value);
                break;
            case "--dora":
                Dora = value;
                break;
            default:
                throw new UsageException($"There is no option '{name}'.");
        }
    }

    private static IReadOnlyList<T> List<T>(string value, Func<string, T> parse) => [.. value.Split(',').Select(parse)];

    private static IReadOnlyList<string> Among(string value, params string[] known) =>
        List(value, text => known.Contains(text) ? text : throw new UnsupportedCaseException($"'{text}' is none of {string.Join(", ", known)}."));

    private static int Number(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : throw NoNumber(text);

    private static UsageException NoNumber(string text) => new($"'{text}' is no number that fits here.");
}
