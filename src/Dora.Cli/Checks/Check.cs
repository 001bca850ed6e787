// SPDX-License-Identifier: Apache-2.0

namespace Dora.Cli.Checks;

/// <summary>What <c>dora doctor</c> found about one thing.</summary>
/// <param name="Name">What was looked at.</param>
/// <param name="State">How it is.</param>
/// <param name="Detail">What was seen.</param>
/// <param name="Fix">What to do if it is not fine; null: nothing to do.</param>
internal sealed record Check(string Name, CheckState State, string Detail, string? Fix = null)
{
    /// <summary>Looks without ever failing: what throws is a check that failed.</summary>
    public static Check Of(string name, Func<Check> look)
    {
        try
        {
            return look();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or CliException)
        {
            return new Check(name, CheckState.Failed, e.Message);
        }
    }
}

internal enum CheckState
{
    Ok,

    /// <summary>dora runs, but something is slower or not possible.</summary>
    Note,

    /// <summary>dora cannot run a dataflow here.</summary>
    Failed,
}
