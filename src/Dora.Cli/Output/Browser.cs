// SPDX-License-Identifier: Apache-2.0

using System.ComponentModel;
using System.Diagnostics;

namespace Dora.Cli.Output;

/// <summary>Shows a file to the person in front of the machine, if there is a way.</summary>
internal static class Browser
{
    public static void Open(string path, Terminal terminal)
    {
        var opener = OperatingSystem.IsMacOS() ? "open" : "xdg-open";
        try
        {
            using var process = Process.Start(new ProcessStartInfo(opener, [Path.GetFullPath(path)]) { RedirectStandardError = true, RedirectStandardOutput = true });
        }
        catch (Win32Exception)
        {
            terminal.Error.WriteLine($"no '{opener}' here to open a browser; open {Path.GetFullPath(path)} by hand");
        }
    }
}
