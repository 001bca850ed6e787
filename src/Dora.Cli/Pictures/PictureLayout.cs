// SPDX-License-Identifier: Apache-2.0

namespace Dora.Cli.Pictures;

/// <summary>Lays out a dataflow: operators inside their runtime node first, then the nodes with their sizes known.</summary>
internal static class PictureLayout
{
    private const double BoxHeight = 46;
    private const double Padding = 16;
    private const double HeaderHeight = 34;

    public static Layout Of(DataflowPicture picture)
    {
        var inner = picture.Boxes.Where(b => b.Inner.Count > 0).ToDictionary(b => b.Id, b => Inside(b, picture.Arrows));
        var owner = picture.Boxes.SelectMany(b => b.Inner.Append(b).Select(x => (x.Id, Owner: b.Id))).ToDictionary(x => x.Id, x => x.Owner);

        // An arrow to an operator of another node is laid out as one to that node, then led on to the operator itself.
        var between = picture.Arrows.Where(a => !IsInside(a, owner, inner)).ToList();
        var outer = LayeredLayout.Place(
            [.. picture.Boxes.Select(b => (b.Id, Width(b, inner), Height(b, inner)))],
            [.. between.Select(a => a with { From = owner[a.From], To = owner[a.To] })]);

        Dictionary<string, Area> areas = new(outer.Areas);
        var routes = between.Zip(outer.Routes).ToDictionary(x => x.First, x => x.Second with { Arrow = x.First });
        foreach (var (id, layout) in inner)
        {
            var (x, y) = (outer.Areas[id].X + Padding, outer.Areas[id].Y + HeaderHeight);
            foreach (var (op, area) in layout.Areas)
                areas[op] = area.MovedBy(x, y);
            foreach (var route in layout.Routes)
            {
                routes[route.Arrow] = route with
                {
                    Path = [.. route.Path.Select(p => new Point(p.X + x, p.Y + y))],
                    Label = new Point(route.Label.X + x, route.Label.Y + y),
                };
            }
        }

        return outer with { Areas = areas, Routes = [.. picture.Arrows.Select(a => LedToOperators(routes[a], owner, areas))] };
    }

    private static Layout Inside(Box runtime, IReadOnlyList<Arrow> arrows)
    {
        HashSet<string> mine = [.. runtime.Inner.Select(b => b.Id)];
        return LayeredLayout.Place(
            [.. runtime.Inner.Select(b => (b.Id, TextWidth(b), BoxHeight))],
            [.. arrows.Where(a => mine.Contains(a.From) && mine.Contains(a.To))]);
    }

    private static bool IsInside(Arrow arrow, Dictionary<string, string> owner, Dictionary<string, Layout> inner) =>
        owner[arrow.From] == owner[arrow.To] && inner.ContainsKey(owner[arrow.From]);

    private static double Width(Box box, Dictionary<string, Layout> inner) =>
        Math.Max(TextWidth(box), inner.TryGetValue(box.Id, out var layout) ? layout.Width + (2 * Padding) : 0);

    private static double Height(Box box, Dictionary<string, Layout> inner) =>
        inner.TryGetValue(box.Id, out var layout) ? layout.Height + HeaderHeight + Padding : BoxHeight;

    private static double TextWidth(Box box) => Math.Max(80, Math.Max(TextSize.Title(box.Title), TextSize.Small(box.Subtitle)) + 28);

    /// <summary>Lengthens a route from the border of a runtime node to the operator it is about.</summary>
    private static Route LedToOperators(Route route, Dictionary<string, string> owner, Dictionary<string, Area> areas)
    {
        List<Point> path = [.. route.Path];
        if (IsOperator(route.Arrow.From) && !IsInsideRoute())
            path.Insert(0, areas[route.Arrow.From].RightMiddle);
        if (IsOperator(route.Arrow.To) && !IsInsideRoute())
            path.Add(areas[route.Arrow.To].LeftMiddle);
        return route with { Path = path };

        bool IsOperator(string id) => owner[id] != id;
        bool IsInsideRoute() => owner[route.Arrow.From] == owner[route.Arrow.To];
    }
}
