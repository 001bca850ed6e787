// SPDX-License-Identifier: Apache-2.0

using System.Security.Cryptography;
using System.Text;

namespace Dora.Cli.Building;

/// <summary>A short name for a path: two files of the same name in different folders are different programs.</summary>
internal static class PathId
{
    /// <summary>Eight hexadecimal digits.</summary>
    public static string Of(string path) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(path)))[..8];
}
