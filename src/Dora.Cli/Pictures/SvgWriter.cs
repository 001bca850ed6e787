// SPDX-License-Identifier: Apache-2.0

using System.Globalization;
using System.Net;
using System.Text;

namespace Dora.Cli.Pictures;

/// <summary>Draws a laid out dataflow as one <c>svg</c> element; colours come from the page's style sheet.</summary>
internal sealed class SvgWriter
{
    private const double Margin = 24;
    private const double CornerRadius = 8;
    private readonly StringBuilder _svg = new();
    private readonly DataflowPicture _picture;
    private readonly Layout _layout;

    private SvgWriter(DataflowPicture picture)
    {
        _picture = picture;
        _layout = PictureLayout.Of(picture);
    }

    public static string Write(DataflowPicture picture) => new SvgWriter(picture).Write();

    private string Write()
    {
        var (width, height) = (_layout.Width + (2 * Margin), _layout.Height + (2 * Margin));
        Line($"""<svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="{Text(_picture.Title)}" width="{width:0}" height="{height:0}" viewBox="{-Margin:0} {-Margin:0} {width:0} {height:0}">""");
        Line($"""<defs><marker id="head" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" orient="auto"><path d="M0,0 L8,4 L0,8 z"/></marker></defs>""");

        // Runtime nodes below the arrows that lead into them; all other boxes above, so that no arrow crosses text.
        foreach (var box in _picture.Boxes.Where(b => b.Inner.Count > 0))
            WriteBox(box);
        foreach (var route in _layout.Routes)
            WriteRoute(route);
        foreach (var box in _picture.AllBoxes.Where(b => b.Inner.Count == 0))
            WriteBox(box);
        foreach (var route in _layout.Routes)
            WriteLabel(route);
        _svg.Append("</svg>\n");
        return _svg.ToString();
    }

    private void WriteBox(Box box)
    {
        var area = _layout.Areas[box.Id];
        var radius = box.Kind is BoxKind.Timer or BoxKind.Logs ? area.Height / 2 : CornerRadius;
        var kind = box.Kind.ToString().ToLowerInvariant();
        var tooltip = string.Join("\n", new[] { box.Id, box.Subtitle, box.Tooltip }.Where(t => t.Length > 0));
        Line($"""<g class="box {kind}" data-id="{Text(box.Id)}"><title>{Text(tooltip)}</title>""");
        Line($"""<rect x="{area.X:0.#}" y="{area.Y:0.#}" width="{area.Width:0.#}" height="{area.Height:0.#}" rx="{radius:0.#}"/>""");
        if (box.Inner.Count > 0)
        {
            Line($"""<text class="title" x="{area.X + 14:0.#}" y="{area.Y + 21:0.#}">{Text(box.Title)} <tspan class="subtitle">{Text(box.Subtitle)}</tspan></text></g>""");
            return;
        }

        var middle = area.X + (area.Width / 2);
        var hasSubtitle = box.Subtitle.Length > 0;
        Line($"""<text class="title" text-anchor="middle" x="{middle:0.#}" y="{area.Y + (hasSubtitle ? 20 : 28):0.#}">{Text(box.Title)}</text>""");
        if (hasSubtitle)
            Line($"""<text class="subtitle" text-anchor="middle" x="{middle:0.#}" y="{area.Y + 36:0.#}">{Text(box.Subtitle)}</text>""");
        _svg.Append("</g>\n");
    }

    private void WriteRoute(Route route)
    {
        var lossless = route.Arrow.Flows.All(f => f.Policy == Dataflows.Graph.QueuePolicy.BackPressure) ? " lossless" : "";
        var path = route.IsBackward ? RoundedCorners(route.Path) : Curve(route.Path);
        Line($"""<path class="arrow{lossless}" {Ends(route)} d="{path}" marker-end="url(#head)"/>""");
    }

    private void WriteLabel(Route route)
    {
        var lines = ArrowLabel.Lines(route.Arrow);
        var top = route.Label.Y - (ArrowLabel.Height(route.Arrow) / 2) + 11;
        var all = string.Join("\n", route.Arrow.Flows.Select(f => $"{route.Arrow.From}/{f.Output} → {route.Arrow.To}/{f.Input}".Replace("/ ", " ")));
        Line($"""<g class="label" {Ends(route)}><title>{Text(all)}</title>""");
        for (var i = 0; i < lines.Count; i++)
            Line($"""<text text-anchor="middle" x="{route.Label.X:0.#}" y="{top + (i * TextSize.LineHeight):0.#}">{Text(lines[i])}</text>""");
        _svg.Append("</g>\n");
    }

    private static string Ends(Route route) => $"""data-from="{Text(route.Arrow.From)}" data-to="{Text(route.Arrow.To)}" """.TrimEnd();

    /// <summary>Leaves and enters every point horizontally.</summary>
    private static string Curve(IReadOnlyList<Point> points)
    {
        StringBuilder path = new();
        path.Append(CultureInfo.InvariantCulture, $"M{points[0].X:0.#},{points[0].Y:0.#}");
        for (var i = 1; i < points.Count; i++)
        {
            var (from, to) = (points[i - 1], points[i]);
            var middle = (from.X + to.X) / 2;
            path.Append(CultureInfo.InvariantCulture, $" C{middle:0.#},{from.Y:0.#} {middle:0.#},{to.Y:0.#} {to.X:0.#},{to.Y:0.#}");
        }

        return path.ToString();
    }

    private static string RoundedCorners(IReadOnlyList<Point> points)
    {
        StringBuilder path = new();
        path.Append(CultureInfo.InvariantCulture, $"M{points[0].X:0.#},{points[0].Y:0.#}");
        for (var i = 1; i < points.Count - 1; i++)
        {
            var (corner, before, after) = (points[i], Toward(points[i], points[i - 1]), Toward(points[i], points[i + 1]));
            path.Append(CultureInfo.InvariantCulture, $" L{before.X:0.#},{before.Y:0.#} Q{corner.X:0.#},{corner.Y:0.#} {after.X:0.#},{after.Y:0.#}");
        }

        path.Append(CultureInfo.InvariantCulture, $" L{points[^1].X:0.#},{points[^1].Y:0.#}");
        return path.ToString();

        static Point Toward(Point corner, Point other)
        {
            var distance = Math.Max(1e-9, Math.Sqrt(Math.Pow(other.X - corner.X, 2) + Math.Pow(other.Y - corner.Y, 2)));
            var part = Math.Min(CornerRadius, distance / 2) / distance;
            return new Point(corner.X + ((other.X - corner.X) * part), corner.Y + ((other.Y - corner.Y) * part));
        }
    }

    private static string Text(string text) => WebUtility.HtmlEncode(text);

    private void Line(FormattableString line) => _svg.Append(line.ToString(CultureInfo.InvariantCulture)).Append('\n');
}
