// SPDX-License-Identifier: Apache-2.0

namespace Dora.Latency;

/// <summary>dora-rs's own benchmark (its <c>examples/benchmark</c>): what is sent when.</summary>
internal static class Recipe
{
    /// <summary>Bytes of the messages, in this order.</summary>
    public static readonly int[] Sizes = [0, 8, 64, 512, 2_048, 4_096, 16_384, 40_960, 409_600, 4_096_000];

    /// <summary>Between messages whose latency is measured.</summary>
    public const long PeriodNs = 5_000_000;

    /// <summary>Before the first and between the two parts.</summary>
    public const long PauseNs = 2_000_000_000;

    /// <summary>Of the input, with dora's default policy: the oldest are dropped.</summary>
    public const int QueueSize = 1_000;

    /// <summary>
    /// Messages of a size that are sent back to back: as many as the queue takes, and not more than fit into 400 MB. The original
    /// sends 100 of each size, and so does <c>--messages 100</c>.
    /// </summary>
    public static int Burst(int messages, int size) => Math.Min(Math.Min(messages, QueueSize - 1), Math.Max(1, 400_000_000 / Math.Max(1, size)));
}
