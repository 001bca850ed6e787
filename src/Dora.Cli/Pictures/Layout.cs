// SPDX-License-Identifier: Apache-2.0

namespace Dora.Cli.Pictures;

/// <summary>A point in the picture; x to the right, y down, in CSS pixels.</summary>
internal readonly record struct Point(double X, double Y);

/// <summary>A placed rectangle.</summary>
internal readonly record struct Area(double X, double Y, double Width, double Height)
{
    public double Right => X + Width;

    public double Bottom => Y + Height;

    public Point LeftMiddle => new(X, Y + (Height / 2));

    public Point RightMiddle => new(Right, Y + (Height / 2));

    public Area MovedBy(double x, double y) => this with { X = X + x, Y = Y + y };
}

/// <summary>Where everything of a picture is.</summary>
/// <param name="Width">Of everything, without a margin.</param>
/// <param name="Height">Of everything, without a margin.</param>
/// <param name="Areas">By box id; operators are inside their runtime node.</param>
/// <param name="Routes">One for each arrow, in the picture's order.</param>
internal sealed record Layout(double Width, double Height, IReadOnlyDictionary<string, Area> Areas, IReadOnlyList<Route> Routes);

/// <summary>The way of one arrow.</summary>
/// <param name="Arrow">Whose way.</param>
/// <param name="Path">Attachment points and, for arrows that pass other layers, points between; at least two.</param>
/// <param name="Label">Middle of the label's block of lines.</param>
/// <param name="IsBackward">It goes against the reading direction, below the boxes.</param>
internal sealed record Route(Arrow Arrow, IReadOnlyList<Point> Path, Point Label, bool IsBackward);
