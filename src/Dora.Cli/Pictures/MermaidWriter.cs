// SPDX-License-Identifier: Apache-2.0

using System.Globalization;
using System.Text;

namespace Dora.Cli.Pictures;

/// <summary>A picture as Mermaid text, which GitHub, GitLab and many editors draw.</summary>
internal static class MermaidWriter
{
    public static string Write(DataflowPicture picture)
    {
        // Ids of ours may hold what Mermaid's may not: number the boxes and quote what people read.
        var ids = picture.AllBoxes.Select((box, i) => (box.Id, Name: string.Create(CultureInfo.InvariantCulture, $"n{i}"))).ToDictionary(x => x.Id, x => x.Name);
        StringBuilder text = new("flowchart LR\n");
        foreach (var box in picture.Boxes)
        {
            if (box.Inner.Count == 0)
            {
                text.Append($"  {ids[box.Id]}{Shape(box)}\n");
                continue;
            }

            text.Append($"  subgraph {ids[box.Id]}[\"{Escape(box.Title)}\"]\n");
            foreach (var inner in box.Inner)
                text.Append($"    {ids[inner.Id]}{Shape(inner)}\n");
            text.Append("  end\n");
        }

        foreach (var arrow in picture.Arrows)
        {
            foreach (var flow in arrow.Flows)
                text.Append($"  {ids[arrow.From]} -- \"{Escape(flow.Label)}\" --> {ids[arrow.To]}\n");
        }

        return text.ToString();
    }

    private static string Shape(Box box)
    {
        var title = Escape(box.Title);
        return box.Kind switch
        {
            BoxKind.Timer or BoxKind.Logs => $"([\"{title}\"])",
            BoxKind.Dynamic => $"[/\"{title}\"/]",
            BoxKind.Operator => $"(\"{title}\")",
            _ => $"[\"{title}\"]",
        };
    }

    private static string Escape(string text) => text.Replace("#", "#35;").Replace("\"", "#quot;").Replace("<", "#lt;").Replace(">", "#gt;");
}
