// SPDX-License-Identifier: Apache-2.0

using Dora.Protocol;

namespace Dora.Nodes;

/// <summary>The program sends to an output that its node does not have in the dataflow. The message names what was probably meant.</summary>
public sealed class UnknownOutputException : DoraException
{
    internal UnknownOutputException(string nodeId, string outputId, IReadOnlyCollection<string> declared)
        : base(Describe(nodeId, outputId, declared)) => OutputId = outputId;

    /// <summary>What was asked for.</summary>
    public string OutputId { get; }

    private static string Describe(string nodeId, string outputId, IReadOnlyCollection<string> declared)
    {
        var what = $"Node '{nodeId}' has no output '{outputId}' in the dataflow";
        if (declared.Count == 0)
            return $"{what}; it declares none. Add it under `outputs:`.";
        var nearest = declared.MinBy(candidate => EditDistance(candidate, outputId))!;
        return EditDistance(nearest, outputId) <= Math.Max(2, outputId.Length / 3)
            ? $"{what}; did you mean '{nearest}'?"
            : $"{what}; it declares {string.Join(", ", declared.Select(id => $"'{id}'"))}. Add it under `outputs:`.";
    }

    /// <summary>Levenshtein's, in one row.</summary>
    private static int EditDistance(string a, string b)
    {
        var row = new int[b.Length + 1];
        for (var j = 0; j <= b.Length; j++)
            row[j] = j;
        for (var i = 1; i <= a.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= b.Length; j++)
            {
                var substituted = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
                diagonal = row[j];
                row[j] = Math.Min(substituted, Math.Min(row[j], row[j - 1]) + 1);
            }
        }

        return row[b.Length];
    }
}
