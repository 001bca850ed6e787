// SPDX-License-Identifier: Apache-2.0

using System.Net;
using System.Text;

namespace Dora.Cli.Pictures;

/// <summary>One file that any browser opens without a network: the drawing, its style, and a list of what flows where.</summary>
internal static class HtmlPage
{
    public static string Write(DataflowPicture picture)
    {
        var title = WebUtility.HtmlEncode(picture.Title);
        StringBuilder page = new();
        page.Append($"""
            <!doctype html>
            <html lang="en">
            <meta charset="utf-8">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'">
            <title>{title}</title>
            <style>{Style}</style>
            <header><h1>{title}</h1><p>{Counts(picture)}</p></header>
            <main>
            {SvgWriter.Write(picture)}</main>
            <footer>solid arrow: a full queue loses its oldest message · dashed: a full queue makes the sender wait</footer>
            <script>{Script}</script>
            </html>

            """);
        return page.ToString();
    }

    private static string Counts(DataflowPicture picture)
    {
        var nodes = picture.Boxes.Count(b => b.Kind is BoxKind.Node or BoxKind.Runtime or BoxKind.Dynamic);
        var operators = picture.Boxes.Sum(b => b.Inner.Count);
        var edges = picture.Arrows.Sum(a => a.Flows.Count);
        return $"{Plural(nodes, "node")}{(operators > 0 ? ", " + Plural(operators, "operator") : "")}, {Plural(edges, "edge")}";
    }

    private static string Plural(int count, string noun) => $"{count} {noun}{(count == 1 ? "" : "s")}";

    private const string Style = """

        :root { color-scheme: light dark; --bg: #fbfbfd; --fg: #1c2230; --dim: #5f6b80; --line: #8b96aa; --card: #fff; --edge: #4a5670;
                --node: #2f6fde; --operator: #11875d; --timer: #b06a00; --dynamic: #8a4fd3; --group: #eef4ff; }
        @media (prefers-color-scheme: dark) {
          :root { --bg: #12151c; --fg: #e6eaf2; --dim: #97a3b8; --line: #5d6980; --card: #1c212c; --edge: #a4b0c6;
                  --node: #6ea1ff; --operator: #4cc596; --timer: #e8a33d; --dynamic: #b98cf5; --group: #182234; }
        }
        body { margin: 0; background: var(--bg); color: var(--fg); font: 14px/1.5 system-ui, sans-serif; }
        header, footer { padding: 12px 24px; } h1 { font-size: 18px; margin: 0; } p { margin: 0; color: var(--dim); } footer { color: var(--dim); font-size: 12px; }
        main { overflow: auto; } svg { display: block; margin: 0 auto; font-family: system-ui, sans-serif; }
        .box rect { fill: var(--card); stroke: var(--node); stroke-width: 1.5; }
        .box.runtime rect { fill: var(--group); stroke-dasharray: 5 4; } .box.operator rect { stroke: var(--operator); }
        .box.timer rect, .box.logs rect { stroke: var(--timer); } .box.dynamic rect { stroke: var(--dynamic); }
        .title { font-size: 13px; font-weight: 600; fill: var(--fg); } .subtitle { font-size: 11px; font-weight: 400; fill: var(--dim); }
        .arrow { fill: none; stroke: var(--line); stroke-width: 1.5; } .arrow.lossless { stroke-dasharray: 6 3; } #head path { fill: var(--line); }
        .label text { font-size: 11px; fill: var(--edge); paint-order: stroke; stroke: var(--bg); stroke-width: 4px; stroke-linejoin: round; }
        svg.focus .arrow:not(.on), svg.focus .label:not(.on), svg.focus .box:not(.on) { opacity: .2; }

        """;

    /// <summary>Pointing at a box leaves only what it is connected to.</summary>
    private const string Script = """

        const svg = document.querySelector('svg'), links = [...svg.querySelectorAll('[data-from]')], boxes = [...svg.querySelectorAll('.box')];
        const inside = (id, node) => id === node || id.startsWith(node + '/');
        for (const box of boxes) {
          box.addEventListener('pointerenter', () => {
            const id = box.dataset.id, on = links.filter(l => inside(l.dataset.from, id) || inside(l.dataset.to, id));
            links.forEach(l => l.classList.toggle('on', on.includes(l)));
            boxes.forEach(b => b.classList.toggle('on', inside(b.dataset.id, id) || inside(id, b.dataset.id) ||
              on.some(l => inside(l.dataset.from, b.dataset.id) || inside(l.dataset.to, b.dataset.id))));
            svg.classList.add('focus');
          });
          box.addEventListener('pointerleave', () => svg.classList.remove('focus'));
        }

        """;
}
