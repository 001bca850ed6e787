// SPDX-License-Identifier: Apache-2.0

using Dora.Dataflows.Graph;
using Dora.Protocol;

namespace Dora.Daemon.Core;

/// <summary>Whether a node is restarted, and after which delay.</summary>
/// <param name="DelayNs">Null: it is not restarted.</param>
/// <param name="Reason">For people, when it is not and that is worth saying; empty otherwise.</param>
internal readonly record struct RestartDecision(long? DelayNs, string Reason = "");

/// <summary>One node's restart policy with its memory: limit within a window, doubling delay, reset when healthy.</summary>
internal sealed class RestartBook(NodeId node, RestartSettings settings, ulong jitterSeed)
{
    /// <summary>The delay stops doubling after so many: 2^16 times 1 ms is a minute.</summary>
    private const int MaxExponent = 16;

    /// <summary>So many delays of good health, and the next failure counts as the first.</summary>
    private const int HealthyDelays = 10;

    private readonly Queue<long> _recentNs = new();
    private int _exponent;
    private long _lastDelayNs;
    private ulong _decided;

    /// <summary>Whether any exit can lead to a restart.</summary>
    public bool CanRestart => settings.Policy != RestartPolicy.Never;

    /// <param name="failed">Whether the node ended badly.</param>
    /// <param name="healthyNs">How long this incarnation ran after its start; 0 if it never started.</param>
    /// <param name="nowNs">When it ended.</param>
    public RestartDecision Decide(bool failed, long healthyNs, long nowNs)
    {
        if (settings.Policy == RestartPolicy.Never || (settings.Policy == RestartPolicy.OnFailure && !failed))
            return new RestartDecision(null);
        if (IsLimitReached(nowNs))
            return new RestartDecision(null, $"restart limit reached: {LimitText()}");
        _recentNs.Enqueue(nowNs);
        if (_exponent > 0 && healthyNs / HealthyDelays >= _lastDelayNs)
            _exponent = 0;
        _lastDelayNs = NominalDelayNs();
        _exponent = Math.Min(_exponent + 1, MaxExponent);
        return new RestartDecision(WithJitter(_lastDelayNs));
    }

    private bool IsLimitReached(long nowNs)
    {
        if (settings.MaxRestarts == 0)
        {
            _recentNs.Clear(); // nobody counts
            return false;
        }
        if (settings.Window is { } window)
        {
            var windowNs = Durations.ToNs(window);
            while (_recentNs.TryPeek(out var atNs) && nowNs - atNs >= windowNs)
                _recentNs.Dequeue();
        }
        return _recentNs.Count >= settings.MaxRestarts;
    }

    private string LimitText() => settings.Window is { } window
        ? $"{settings.MaxRestarts} in {Durations.Text(window)} (max_restarts, restart_window)"
        : $"{settings.MaxRestarts} (max_restarts)";

    private long NominalDelayNs()
    {
        var baseNs = Durations.ToNs(settings.Delay);
        var delayNs = baseNs > Durations.Never >> _exponent ? Durations.Never : baseNs << _exponent;
        return settings.MaxDelay is { } max ? Math.Min(delayNs, Durations.ToNs(max)) : delayNs;
    }

    /// <summary>Takes up to a tenth off, so that nodes which died together do not come back together; never above the maximum.</summary>
    private long WithJitter(long delayNs)
    {
        var draw = Mix(jitterSeed ^ StableHash(node.Value) ^ (++_decided * 0x9E3779B97F4A7C15));
        var tenth = delayNs / 10;
        return tenth == 0 ? delayNs : delayNs - (long)(draw % (ulong)tenth);
    }

    /// <summary>FNV-1a: <see cref="string.GetHashCode()"/> differs from process to process.</summary>
    private static ulong StableHash(string text)
    {
        var hash = 0xCBF29CE484222325;
        foreach (var c in text)
            hash = (hash ^ c) * 0x100000001B3;
        return hash;
    }

    /// <summary>The finaliser of SplitMix64.</summary>
    private static ulong Mix(ulong x)
    {
        x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9;
        x = (x ^ (x >> 27)) * 0x94D049BB133111EB;
        return x ^ (x >> 31);
    }
}
