// SPDX-License-Identifier: Apache-2.0
using Dora.Protocol;

/// <summary>Something did not arrive as it was sent.</summary>
internal sealed class DifferenceException(string message) : Exception(message);

/// <summary>Who has sent what so far.</summary>
internal sealed class Book(string me)
{
    private readonly Dictionary<string, List<string>> _missing = Cases.Peers.ToDictionary(peer => peer, _ => Cases.Names.ToList());

    public bool IsComplete => _missing.Values.All(missing => missing.Count == 0);

    /// <summary>Throws unless this message arrived as it was sent.</summary>
    public void Check(string sender, MetadataParameters metadata, Description received)
    {
        var name = metadata.GetString("case") ?? "?";
        var sent = new Description(metadata.GetString("format") ?? "?", Integer(metadata, "rows"), Integer(metadata, "checksum"));
        var checksum = Cases.ChecksumOf(metadata);
        var difference =
            Integer(metadata, "metadata-checksum") != checksum ? $"the metadata is {string.Join(", ", metadata.Select(p => $"{p.Key}: {p.Value}"))}"
            : metadata.GetString("from") != sender ? $"it comes from {metadata.GetString("from")}"
            : received != sent ? $"it is {received}, but sent was {sent}"
            : received != Cases.Describe(name) ? "this is not what the case is here"
            : !_missing[sender].Remove(name) ? "came twice"
            : null;
        if (difference is not null)
            throw new DifferenceException($"differs {me} <- {sender}: case {name}: {difference}");
        if (_missing[sender].Count == 0)
            Console.WriteLine($"checked {me} <- {sender}: {string.Join(' ', Cases.Names)}");
    }

    /// <summary>Throws if something should still have come.</summary>
    public void Close(string sender)
    {
        if (_missing[sender].Count > 0)
            throw new DifferenceException($"missing {me} <- {sender}: {string.Join(' ', _missing[sender])}");
    }

    private static long Integer(MetadataParameters metadata, string key) =>
        metadata.TryGetValue(key, out var value) && value.Kind == ParameterKind.Integer ? value.AsInteger : -1;
}
