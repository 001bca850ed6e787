// SPDX-License-Identifier: Apache-2.0

using System.Reflection;
using Dora.Protocol.Messages;

namespace Dora.Protocol;

/// <summary>Which versions of the node protocol this build speaks.</summary>
/// <remarks>
/// A new message or field raises <see cref="Minor"/>; a build speaks its own minor and the one before, so that two builds whose minors
/// differ by one understand each other. Anything that an old reader would misread raises <see cref="Major"/>.
/// </remarks>
public static class ProtocolVersions
{
    /// <summary>Peers of another major never understand each other.</summary>
    public const uint Major = 1;

    /// <summary>The newest minor that this build speaks.</summary>
    public const uint Minor = 0;

    /// <summary>The product version, for messages to people: nothing is decided by it.</summary>
    public static string Product { get; } =
        typeof(ProtocolVersions).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion.Split('+')[0] ?? "unknown";

    /// <summary>What goes into <see cref="Hello"/> and <see cref="Welcome"/>; a fresh copy, because generated messages are mutable.</summary>
    public static VersionRange Current() => RangeOf(Major, Minor, Product);

    /// <summary>The range that a build with this newest minor announces.</summary>
    internal static VersionRange RangeOf(uint major, uint minor, string product) => new()
    {
        Major = major,
        MinorMin = minor == 0 ? 0 : minor - 1,
        MinorMax = minor,
        Product = product,
    };
}
