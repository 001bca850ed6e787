// SPDX-License-Identifier: Apache-2.0

namespace Dora.Nodes.Receiving;

/// <summary>Watches the pause between two messages of an input (<c>input_timeout</c>). Runs from the first message on.</summary>
/// <remarks>Pure: times come in as monotonic nanoseconds. One thread.</remarks>
internal sealed class InputDeadline(TimeSpan? timeout)
{
    /// <summary>Later than any time.</summary>
    public const long Never = long.MaxValue;

    private readonly long _timeoutNs = timeout is { } t ? Math.Max(1, (long)Math.Min(t.TotalNanoseconds, long.MaxValue / 2)) : 0;

    /// <summary>Whether the input has a time-out at all.</summary>
    public bool IsWatched => _timeoutNs > 0;

    /// <summary>When the input becomes late; <see cref="Never"/> while it is not expected to bring anything.</summary>
    public long AtNs { get; private set; } = Never;

    /// <summary>Whether it is late: reported, and nothing has come since.</summary>
    public bool IsLate { get; private set; }

    /// <summary>A message came. True: the input was late, and has recovered.</summary>
    public bool Arrived(long nowNs)
    {
        AtNs = nowNs + _timeoutNs;
        var recovered = IsLate;
        IsLate = false;
        return recovered;
    }

    /// <summary>True once, when the deadline has passed.</summary>
    public bool TryExpire(long nowNs)
    {
        if (nowNs < AtNs)
            return false;
        AtNs = Never;
        return IsLate = true;
    }

    /// <summary>The input is closed: nothing is expected.</summary>
    public void Disarm()
    {
        AtNs = Never;
        IsLate = false;
    }
}
