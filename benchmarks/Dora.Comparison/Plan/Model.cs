// SPDX-License-Identifier: Apache-2.0

using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Dora.Comparison.Plan;

/// <summary>A program that is compared (peers.json). The costs are guesses that only decide how many messages its first round sends.</summary>
/// <param name="Name">As in results and options.</param>
/// <param name="Title">As in tables and plots.</param>
/// <param name="Command">Below the artifacts' folder, with its first arguments; <c>self</c> is this program.</param>
/// <param name="LatencyUs">Half a round trip of an empty message.</param>
/// <param name="LatencyNsPerByte">What each byte adds to it.</param>
/// <param name="ThroughputUs">Time per empty message back to back.</param>
/// <param name="ThroughputNsPerByte">What each byte adds to it.</param>
internal sealed record Peer(
    string Name, string Title, string Command, double LatencyUs, double LatencyNsPerByte, double ThroughputUs, double ThroughputNsPerByte);

/// <summary>A table of the comparison (plan.json): one case over sizes and peers.</summary>
/// <param name="Id">Name in goals and options.</param>
/// <param name="Title">Heading in the report.</param>
/// <param name="Case">As on the peers' command line; so are the next three.</param>
/// <param name="Wait">How the receiver waits.</param>
/// <param name="Fill">Who touches the payload.</param>
/// <param name="Sizes">Payload bytes.</param>
/// <param name="Metrics">Fields of the peers' JSON lines that are shown.</param>
/// <param name="Peers">Null: all but memcpy.</param>
/// <param name="Fan">Subscribers.</param>
/// <param name="RateHz">Paced cases only.</param>
/// <param name="Messages">Null: as many as take the time budget of a run.</param>
/// <param name="Rounds">At most so many; null: as many as were asked for.</param>
/// <param name="Pin">Publisher on the first core, subscribers on the others, rather than where the scheduler puts them.</param>
internal sealed record Table(
    string Id,
    string Title,
    string Case,
    string Wait,
    string Fill,
    IReadOnlyList<int> Sizes,
    IReadOnlyList<string> Metrics,
    IReadOnlyList<string>? Peers = null,
    int Fan = 1,
    double? RateHz = null,
    int? Messages = null,
    int? Rounds = null,
    bool Pin = false);

/// <summary>Where a goal's other side is found; what is null is as on the subject's side.</summary>
/// <param name="Peers">The worst of these counts; <c>self</c> is the subject.</param>
/// <param name="Table">Another table.</param>
/// <param name="Metric">Another field.</param>
internal sealed record Against(IReadOnlyList<string> Peers, string? Table = null, string? Metric = null);

/// <summary>A goal (goals.json): a figure of dora, or its ratio to another, and a limit.</summary>
/// <param name="Text">What is measured.</param>
/// <param name="Table">Id of the table.</param>
/// <param name="Metric">Field.</param>
/// <param name="Sizes">Null: all of the table.</param>
/// <param name="Against">Null: the figure itself is compared with the limit.</param>
/// <param name="Flat">The largest over the smallest of all sizes.</param>
/// <param name="AtMost">Upper limit.</param>
/// <param name="AtLeast">Lower limit.</param>
/// <param name="Subjects">Null: dora-aot and dora.</param>
internal sealed record Goal(
    string Text,
    string Table,
    string Metric,
    IReadOnlyList<int>? Sizes = null,
    Against? Against = null,
    bool Flat = false,
    double? AtMost = null,
    double? AtLeast = null,
    IReadOnlyList<string>? Subjects = null);

/// <summary>One cell of a table: what a run measures.</summary>
/// <param name="Table">Id of the table.</param>
/// <param name="Peer">Name of the peer.</param>
/// <param name="SizeBytes">Payload.</param>
internal readonly record struct Cell(string Table, string Peer, int SizeBytes)
{
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Table} {Peer} {SizeBytes}");
}

/// <summary>The three data files beside the program.</summary>
internal sealed record Comparison(IReadOnlyList<Peer> Peers, IReadOnlyList<Table> Tables, IReadOnlyList<Goal> Goals)
{
    public static Comparison Load(string folder) => new(
        Read(folder, "peers.json", Json.Default.IReadOnlyListPeer),
        Read(folder, "plan.json", Json.Default.IReadOnlyListTable),
        Read(folder, "goals.json", Json.Default.IReadOnlyListGoal));

    /// <summary>The peers that goals are about: those that a goal names, and dora's builds where none is named.</summary>
    public IReadOnlyList<string> Subjects { get; } =
        [.. Goals.SelectMany(g => g.Subjects ?? DoraBuilds).Distinct().OrderBy(s => Peers.TakeWhile(p => p.Name != s).Count())];

    public Peer Peer(string name) => Peers.First(p => p.Name == name);

    public Table Table(string id) => Tables.First(t => t.Id == id);

    /// <summary>The peers of a table in the order of peers.json.</summary>
    public IEnumerable<Peer> PeersOf(Table table) =>
        Peers.Where(p => table.Peers?.Contains(p.Name) ?? p.Name != "memcpy");

    /// <summary>All cells that the filters leave; an empty filter lets everything through.</summary>
    public IEnumerable<Cell> Cells(IReadOnlyCollection<string> peers, IReadOnlyCollection<string> tables, IReadOnlyCollection<int> sizes) =>
        from table in Tables
        where tables.Count == 0 || tables.Contains(table.Id) || tables.Contains(table.Case)
        from peer in PeersOf(table)
        where peers.Count == 0 || peers.Contains(peer.Name)
        from size in table.Sizes
        where sizes.Count == 0 || sizes.Contains(size)
        select new Cell(table.Id, peer.Name, size);

    /// <summary>Subjects of a goal that names none.</summary>
    public static IReadOnlyList<string> DoraBuilds { get; } = ["dora-aot", "dora"];

    private static T Read<T>(string folder, string name, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type)
    {
        using var file = File.OpenRead(Path.Combine(folder, name));
        return JsonSerializer.Deserialize(file, type) ?? throw new InvalidDataException($"{name} is empty");
    }
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true)]
[JsonSerializable(typeof(IReadOnlyList<Peer>))]
[JsonSerializable(typeof(IReadOnlyList<Table>))]
[JsonSerializable(typeof(IReadOnlyList<Goal>))]
[JsonSerializable(typeof(Running.RunRecord))]
[JsonSerializable(typeof(Running.Machine))]
internal sealed partial class Json : JsonSerializerContext;
