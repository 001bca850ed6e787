// SPDX-License-Identifier: Apache-2.0

namespace Dora.Middleware;

/// <summary>What a thread does while there is nothing to do (<c>wait</c> in a descriptor).</summary>
public enum WaitStrategy
{
    /// <summary>Looks again for up to 20 µs while waits have been that short lately, then sleeps.</summary>
    Adaptive,

    /// <summary>Sleeps at once: a wake-up for each wait, and no processor time.</summary>
    Block,

    /// <summary>Looks again until there is something, and never sleeps: the quickest, at the price of a core.</summary>
    Spin,
}

/// <summary>How the threads of one node wait: for messages, and for space in full queues.</summary>
/// <remarks>
/// <para>Looking again pays only while the peer runs on another core. Where both share one, the waiter burns its time slice while the peer
/// waits for it (22 µs instead of 2). So adaptive waiting never looks again when the dataflow has more nodes on the machine than the waiter
/// has cores: then some two of them share one whenever all run. The rule knows nothing of other dataflows and programs.</para>
/// <para>Whoever spins without end takes a core for good; with more of those than cores each gives its core away between two looks.</para>
/// </remarks>
/// <param name="Strategy">What was asked for.</param>
/// <param name="MaySpin">Whether looking again can pay at all.</param>
/// <param name="MustYield">Whether to offer the core to others between two looks.</param>
public readonly record struct WaitPolicy(WaitStrategy Strategy, bool MaySpin, bool MustYield)
{
    /// <summary>Adaptive, on a machine of which nothing is known but the number of cores.</summary>
    public static WaitPolicy Default => For(WaitStrategy.Adaptive, nodes: 0, spinningNodes: 0, Environment.ProcessorCount);

    /// <summary>Decides by the number of nodes and cores.</summary>
    /// <param name="strategy">What was asked for.</param>
    /// <param name="nodes">Nodes of the dataflow on this machine; 0: not known.</param>
    /// <param name="spinningNodes">Those of them that spin without end.</param>
    /// <param name="cores">Cores that this process may use.</param>
    public static WaitPolicy For(WaitStrategy strategy, uint nodes, uint spinningNodes, int cores) => new(
        strategy,
        MaySpin: strategy == WaitStrategy.Spin || (strategy == WaitStrategy.Adaptive && cores > 1 && nodes <= cores),
        MustYield: strategy == WaitStrategy.Spin && (cores == 1 || spinningNodes > cores));
}
