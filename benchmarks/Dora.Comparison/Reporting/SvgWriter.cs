// SPDX-License-Identifier: Apache-2.0

using System.Globalization;
using System.Net;
using System.Text;

namespace Dora.Comparison.Reporting;

/// <summary>Just enough SVG for plots: lines, circles and texts whose colours follow the reader's light or dark scheme.</summary>
internal sealed class SvgWriter
{
    // Light and dark colour of each peer. Red and orange are dora's, grey is the floor's; the others are told apart by their labels too.
    private static readonly (string Peer, string Light, string Dark)[] Colours =
    [
        ("dora-aot", "#cf222e", "#ff7b72"), ("dora", "#bc4c00", "#ffa657"), ("c-ring", "#6e7781", "#9ba3ad"), ("iceoryx", "#0969da", "#58a6ff"),
        ("cyclonedds", "#8250df", "#bc8cff"), ("fastdds", "#1a7f37", "#3fb950"), ("fastdds-shm", "#4d7c0f", "#a3d55f"),
        ("zeromq", "#0e7490", "#39c5cf"), ("uds", "#7d5a00", "#d9a520"), ("pipelines", "#bf3989", "#f778ba"), ("nats", "#7c4a2d", "#c69776"),
        ("grpc", "#3b4a8c", "#8ea6ff"), ("memcpy", "#6e7781", "#9ba3ad"),
    ];

    private readonly StringBuilder _text = new();

    public SvgWriter(double width, double height, string title)
    {
        _text.Append(CultureInfo.InvariantCulture,
            $"""<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" role="img" font-family="system-ui, 'Segoe UI', 'DejaVu Sans', sans-serif" font-size="12">""");
        _text.Append('\n').Append("<title>").Append(WebUtility.HtmlEncode(title)).Append("</title>\n<style>\n");
        _text.Append(".back{fill:#fff}.ink{fill:#1f2328}.soft{fill:#59636e}.grid{stroke:#d8dee4}.fine{stroke:#eef1f4}.axis{stroke:#818b98}\n");
        foreach (var (peer, light, _) in Colours)
            _text.Append(CultureInfo.InvariantCulture, $".{peer}{{color:{light}}}");
        _text.Append("\n@media (prefers-color-scheme: dark){\n");
        _text.Append(".back{fill:#0d1117}.ink{fill:#e6edf3}.soft{fill:#9198a1}.grid{stroke:#30363d}.fine{stroke:#1c2129}.axis{stroke:#656c76}\n");
        foreach (var (peer, _, dark) in Colours)
            _text.Append(CultureInfo.InvariantCulture, $".{peer}{{color:{dark}}}");
        _text.Append("\n}\n</style>\n");
        _text.Append(CultureInfo.InvariantCulture, $"""<rect class="back" width="{width}" height="{height}"/>""").Append('\n');
    }

    /// <summary>A straight line in a scheme's colour (<c>grid</c>, <c>fine</c>, <c>axis</c>).</summary>
    public void Rule(string style, double x1, double y1, double x2, double y2) =>
        Element($"""<line class="{style}" x1="{x1:0.#}" y1="{y1:0.#}" x2="{x2:0.#}" y2="{y2:0.#}"/>""");

    /// <summary>A line through points in a peer's colour.</summary>
    public void Line(string peer, IEnumerable<(double X, double Y)> points, double width, bool dashed = false, double opacity = 1)
    {
        string path = string.Join(' ', points.Select(p => string.Create(CultureInfo.InvariantCulture, $"{p.X:0.#},{p.Y:0.#}")));
        string dash = dashed ? """ stroke-dasharray="6 4" """ : " ";
        Element($"""<polyline class="{peer}" points="{path}" fill="none" stroke="currentColor" stroke-width="{width}"{dash}stroke-linejoin="round" opacity="{opacity}"/>""");
    }

    /// <summary>A dot in a peer's colour; a hollow one shows the background.</summary>
    public void Dot(string peer, double x, double y, double radius, bool hollow = false)
    {
        if (hollow)
            Element($"""<circle class="back" cx="{x:0.#}" cy="{y:0.#}" r="{radius}"/>""");
        string fill = hollow ? "none" : "currentColor";
        Element($"""<circle class="{peer}" cx="{x:0.#}" cy="{y:0.#}" r="{radius}" fill="{fill}" stroke="currentColor" stroke-width="1.5"/>""");
    }

    /// <summary>A text; style is a scheme's colour (<c>ink</c>, <c>soft</c>) or a peer's name.</summary>
    public void Text(string style, double x, double y, string text, string anchor = "start", double size = 12, bool bold = false)
    {
        string fill = style is "ink" or "soft" ? "" : " fill=\"currentColor\"";
        string weight = bold ? " font-weight=\"600\"" : "";
        Element($"""<text class="{style}" x="{x:0.#}" y="{y:0.#}" text-anchor="{anchor}" font-size="{size}"{weight}{fill}>{WebUtility.HtmlEncode(text)}</text>""");
    }

    public override string ToString() => _text + "</svg>\n";

    private void Element(FormattableString element) => _text.Append(element.ToString(CultureInfo.InvariantCulture)).Append('\n');
}
