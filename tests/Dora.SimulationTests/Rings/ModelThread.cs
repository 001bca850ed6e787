// SPDX-License-Identifier: Apache-2.0

using Dora.Platform.Memory;

namespace Dora.SimulationTests.Rings;

/// <summary>A thread of a scenario: does an access only when the explorer lets it.</summary>
internal sealed class ModelThread
{
    [ThreadStatic]
    private static ModelThread? _current;

    private readonly Explorer _explorer;

    internal ModelThread(Explorer explorer, int index) => (_explorer, Index) = (explorer, index);

    /// <summary>The one that runs on this thread.</summary>
    internal static ModelThread Current
    {
        get => _current ?? throw new InvalidOperationException("Ring code over the model runs outside a scenario.");
        set => _current = value;
    }

    internal int Index { get; }

    internal Mutation Mutation => _explorer.Mutation;

    /// <summary>Whether it is one that rings bells, not the one that sleeps on them.</summary>
    internal bool IsRinger { get; set; }

    /// <summary>Word of its last store, before any fence.</summary>
    internal string? LastStored { get; set; }

    /// <summary>Stores that a mutation holds back until after the next one.</summary>
    internal List<Access> Postponed { get; } = [];

    internal Message Do(in Access access) => _explorer.Do(this, access);

    internal unsafe int PlaceOf(void* address) => _explorer.Places.Of((nint)address);

    internal string NameOf(int place) => _explorer.Places.NameOf(place);

    internal void DoPostponed()
    {
        if (Postponed.Count == 0)
            return;
        foreach (var access in Postponed)
            Do(access);
        Postponed.Clear();
    }

    internal void Reset()
    {
        LastStored = null;
        Postponed.Clear();
    }
}

/// <summary>Gives addresses numbers that are the same in every run, whatever the kernel maps where.</summary>
internal sealed class Places
{
    private readonly List<(nint Start, long Length, int Region)> _regions = [];
    private readonly Dictionary<(int Region, long Offset), int> _places = [];
    private readonly List<string> _names = [];
    private readonly Dictionary<(int Region, long Offset), string> _known = [];

    internal void Forget() => _regions.Clear();

    /// <summary>A mapping; two mappings of one memory have the same region.</summary>
    internal void Add(MemoryMapping mapping, int region) => _regions.Add((mapping.Address, mapping.LengthBytes, region));

    internal void Add(nint start, long length, int region) => _regions.Add((start, length, region));

    internal void Name(int region, long offset, string name) => _known[(region, offset)] = name;

    internal int Of(nint address)
    {
        foreach (var (start, length, region) in _regions)
        {
            if (address < start || address >= start + length)
                continue;
            var key = (region, address - start);
            if (_places.TryGetValue(key, out var place))
                return place;
            _places.Add(key, _names.Count);
            _names.Add(_known.TryGetValue(key, out var name) ? name : $"{region}+{key.Item2}");
            return _names.Count - 1;
        }

        throw new InvalidOperationException($"Access to 0x{address:x}, which is in no memory of the scenario.");
    }

    internal int New(string name)
    {
        _names.Add(name);
        return _names.Count - 1;
    }

    internal string NameOf(int place) => place < 0 ? "" : _names[place];
}
