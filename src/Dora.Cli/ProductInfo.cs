// SPDX-License-Identifier: Apache-2.0

using System.Reflection;

namespace Dora.Cli;

/// <summary>Who we are and where we were started from.</summary>
internal static class ProductInfo
{
    public const string IssuesUrl = "the issue tracker of this repository (CONTRIBUTING.md)";

    /// <summary>For example <c>0.1.0+b20c7c23e5</c>: the release, and the commit where it was built from a repository.</summary>
    public static string Version { get; } = Shorten(
        typeof(ProductInfo).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "0");

    private static string Shorten(string version) => version.IndexOf('+') is var plus and >= 0 && version.Length > plus + 11 ? version[..(plus + 11)] : version;
}
