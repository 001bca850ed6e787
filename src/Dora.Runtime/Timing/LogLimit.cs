// SPDX-License-Identifier: Apache-2.0

namespace Dora.Runtime.Timing;

/// <summary>Lets one line a second through: what goes wrong a thousand times a second must not fill the log, nor cost the time it complains about.</summary>
internal sealed class LogLimit
{
    private const long PauseNs = 1_000_000_000;

    private long _nextNs = long.MinValue;
    private ulong _withheld;

    /// <summary>The end of the line, which tells of those that were withheld; null: this one is withheld.</summary>
    public string? Next(long nowNs)
    {
        if (nowNs < _nextNs)
        {
            _withheld++;
            return null;
        }

        var more = _withheld == 0 ? "" : $" (and {_withheld} more times since)";
        (_nextNs, _withheld) = (nowNs + PauseNs, 0);
        return more;
    }
}
