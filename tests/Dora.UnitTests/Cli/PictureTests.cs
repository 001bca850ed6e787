// SPDX-License-Identifier: Apache-2.0

using System.Xml.Linq;
using CsCheck;
using Dora.Cli;
using Dora.Cli.Pictures;
using Dora.Dataflows.Graph;

namespace Dora.UnitTests.Cli;

public sealed class PictureTests : IDisposable
{
    private const string Yaml = """
        nodes:
          - id: camera
            path: dynamic
            inputs: {tick: dora/timer/millis/100}
            outputs: [image]
          - id: brain
            operators:
              - id: detect
                csharp: Detect.cs
                inputs: {image: camera/image}
                outputs: [bbox]
              - id: track
                csharp: Track.cs
                inputs: {bbox: brain/detect/bbox}
                outputs: [path]
          - id: wheels
            path: dynamic
            inputs:
              route: {source: brain/track/path, queue_policy: backpressure}
        """;

    private readonly CapturedTerminal _terminal = new();

    public void Dispose() => _terminal.Dispose();

    [Fact]
    public async Task Mermaid_text_goes_to_standard_output()
    {
        var file = _terminal.Write("df.yml", Yaml);

        Assert.Equal(ExitCode.Success, await _terminal.Run("graph", "--mermaid", file));

        Assert.Equal("""
            flowchart LR
              n0(["every 100 ms"])
              n1[/"camera"/]
              subgraph n2["brain"]
                n3("detect")
                n4("track")
              end
              n5[/"wheels"/]
              n0 -- "tick" --> n1
              n1 -- "image" --> n3
              n3 -- "bbox" --> n4
              n4 -- "path → route" --> n5

            """, _terminal.Out);
    }

    [Fact]
    public async Task The_page_needs_no_network_and_its_drawing_is_well_formed()
    {
        var file = _terminal.Write("df.yml", Yaml);
        var page = Path.Combine(_terminal.Folder, "df.html");

        Assert.Equal(ExitCode.Success, await _terminal.Run("graph", file, "-o", page));

        Assert.Equal(page + "\n", _terminal.Out);
        var html = await File.ReadAllTextAsync(page);
        var svg = XElement.Parse(html[html.IndexOf("<svg", StringComparison.Ordinal)..(html.IndexOf("</svg>", StringComparison.Ordinal) + 6)]);
        var addresses = html.Split("http:").Length + html.Split("https:").Length - 2;
        Assert.Equal(1, addresses); // the name space of SVG, which nobody fetches
        Assert.Contains("prefers-color-scheme: dark", html);
        var texts = svg.Descendants().Where(e => e.Name.LocalName == "text").Select(e => e.Value).ToList();
        Assert.All(["camera", "detect", "track", "wheels", "every 100 ms", "path → route"], t => Assert.Contains(t, texts));
        Assert.Single(svg.Descendants(), e => e.Attribute("class")?.Value == "arrow lossless");
    }

    [Fact]
    public void Names_cannot_break_out_of_the_page()
    {
        Box evil = new("a", "<script>alert(1)</script>", "\" onload=\"x", BoxKind.Node) { Tooltip = "</title><b>" };

        var html = HtmlPage.Write(new DataflowPicture("<i>", [evil], []));

        Assert.DoesNotContain("<script>alert", html);
        Assert.DoesNotContain("\" onload", html);
        Assert.DoesNotContain("<b>", html);
        Assert.DoesNotContain("<i>", html);
    }

    [Fact]
    public void A_loop_has_one_arrow_that_goes_back()
    {
        Box[] boxes = [Node("a"), Node("b"), Node("c")];
        Arrow[] arrows = [Link("a", "b"), Link("b", "c"), Link("c", "a"), Link("b", "b")];

        var layout = PictureLayout.Of(new DataflowPicture("t", boxes, arrows));

        Assert.Equal([false, false, true, true], layout.Routes.Select(r => r.IsBackward));
        Assert.True(layout.Areas["a"].Right < layout.Areas["b"].X);
        Assert.True(layout.Areas["b"].Right < layout.Areas["c"].X);
    }

    [Fact]
    public void No_box_ever_covers_another_and_all_lie_in_the_picture() =>
        (from count in Gen.Int[1, 14]
         from links in Gen.Select(Gen.Int[0, count - 1], Gen.Int[0, count - 1]).List[0, 30]
         select (count, links)).Sample(graph =>
        {
            Box[] boxes = [.. Enumerable.Range(0, graph.count).Select(i => Node($"node{i}"))];
            Arrow[] arrows = [.. graph.links.Distinct().Select(l => Link($"node{l.Item1}", $"node{l.Item2}"))];

            var layout = PictureLayout.Of(new DataflowPicture("t", boxes, arrows));

            Area[] areas = [.. layout.Areas.Values];
            foreach (var (a, i) in areas.Select((a, i) => (a, i)))
            {
                if (a.X < -0.01 || a.Y < -0.01 || a.Right > layout.Width + 0.01 || a.Bottom > layout.Height + 0.01)
                    return false;
                if (areas.Skip(i + 1).Any(b => a.X < b.Right && b.X < a.Right && a.Y < b.Bottom && b.Y < a.Bottom))
                    return false;
            }

            return layout.Routes.All(r => r.IsBackward || r.Path[0].X < r.Path[^1].X);
        });

    [Fact]
    public void A_chain_of_ten_thousand_nodes_is_drawn()
    {
        Box[] boxes = [.. Enumerable.Range(0, 10_000).Select(i => Node($"n{i}"))];
        Arrow[] arrows = [.. Enumerable.Range(1, 9_999).Select(i => Link($"n{i - 1}", $"n{i}"))];

        Assert.Equal(10_000, PictureLayout.Of(new DataflowPicture("t", boxes, arrows)).Areas.Count);
    }

    [Fact]
    public void What_is_spread_keeps_its_order_and_its_room() =>
        Gen.Select(Gen.Double[-100, 100], Gen.Double[1, 40]).Array[0, 20].Sample(things =>
        {
            var centres = Spread.Centres([.. things.Select(t => t.Item1)], [.. things.Select(t => t.Item2)], gap: 3);

            return Enumerable.Range(1, Math.Max(0, things.Length - 1)).All(i =>
                centres[i] - centres[i - 1] >= ((things[i].Item2 + things[i - 1].Item2) / 2) + 3 - 1e-6);
        });

    private static Box Node(string id) => new(id, id, "", BoxKind.Node);

    private static Arrow Link(string from, string to) => new(from, to, [new Flow("out", "in", QueuePolicy.DropOldest)]);
}
