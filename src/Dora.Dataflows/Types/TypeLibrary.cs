// SPDX-License-Identifier: Apache-2.0

namespace Dora.Dataflows.Types;

/// <summary>Types by name: the standard ones and those of the dataflow's <c>types</c> folder.</summary>
internal sealed class TypeLibrary
{
    private readonly Dictionary<string, TypeDefinition> _byUrn = StandardTypes.All.ToDictionary(t => t.Urn, StringComparer.Ordinal);
    private readonly ILookup<string, string> _byShortName;

    public TypeLibrary(IEnumerable<TypeDefinition> userTypes)
    {
        foreach (var type in userTypes) _byUrn.TryAdd(type.Urn, type);
        _byShortName = _byUrn.Keys.ToLookup(ShortName, StringComparer.Ordinal);
    }

    public IEnumerable<string> Names => _byUrn.Keys;

    public TypeDefinition? Find(string urn) => _byUrn.GetValueOrDefault(urn);

    /// <summary>Full names of types that are called so without their folders.</summary>
    public IEnumerable<string> WithShortName(string name) => _byShortName[name];

    /// <summary><c>Image</c> of <c>std/media/v1/Image</c>.</summary>
    public static string ShortName(string urn) => urn[(urn.LastIndexOf('/') + 1)..];
}
