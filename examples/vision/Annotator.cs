// SPDX-License-Identifier: Apache-2.0
using System.Globalization;
using SkiaSharp;

/// <summary>Draws boxes with labels on pictures and saves them as PNG.</summary>
internal sealed class Annotator(string fontPath) : IDisposable
{
    private const float LineWidth = 2, TextSize = 11, Margin = 2;

    // Bright enough to be seen on a street, dark enough for the white text on them.
    private static readonly SKColor[] Palette =
        [new(0xff008a3e), new(0xffc62828), new(0xff1565c0), new(0xffad1457), new(0xff6a1b9a), new(0xffb25500)];

    private readonly SKTypeface _typeface = SKTypeface.FromFile(fontPath) ?? throw new FileNotFoundException("no font", fontPath);

    public void Save(ReadOnlySpan<byte> bgr, int width, int height, IReadOnlyList<Detection> detections, string caption, string path)
    {
        using var picture = new SKBitmap(new SKImageInfo(width, height, SKColorType.Bgra8888, SKAlphaType.Opaque));
        BgrToBgra(bgr, picture.GetPixelSpan());
        using (var canvas = new SKCanvas(picture))
        using (var font = new SKFont(_typeface, TextSize))
        {
            foreach (var detection in detections.Reverse()) // the surest last, so that it lies on top
                DrawBox(canvas, font, detection);
            DrawText(canvas, font, caption, 0, 0, new SKColor(0, 0, 0, 0xb0));
        }
        using var pixels = picture.PeekPixels();
        using var png = pixels.Encode(new SKPngEncoderOptions(SKPngEncoderFilterFlags.Paeth, zLibLevel: 1))!; // a tenth larger, five times faster than level 6
        using var file = File.Create(path);
        png.SaveTo(file);
    }

    public void Dispose() => _typeface.Dispose();

    private static void DrawBox(SKCanvas canvas, SKFont font, Detection detection)
    {
        var color = Palette[StableIndex(detection.Label)];
        using var line = new SKPaint { Color = color, Style = SKPaintStyle.Stroke, StrokeWidth = LineWidth, IsAntialias = true };
        canvas.DrawRect(new SKRect(detection.Left, detection.Top, detection.Right, detection.Bottom), line);
        var text = string.Create(CultureInfo.InvariantCulture, $"{detection.Label} {detection.Score:0.00}");
        DrawText(canvas, font, text, detection.Left - (LineWidth / 2), detection.Top - TextSize - (2 * Margin), color);
    }

    /// <summary>White on a bar of colour, moved into the picture where it would stick out.</summary>
    private static void DrawText(SKCanvas canvas, SKFont font, string text, float left, float top, SKColor background)
    {
        var (width, height) = (font.MeasureText(text) + (2 * Margin), TextSize + (2 * Margin));
        left = Math.Max(0, Math.Min(left, canvas.DeviceClipBounds.Width - width));
        top = Math.Max(0, top);
        using var fill = new SKPaint { Color = background };
        using var ink = new SKPaint { Color = SKColors.White, IsAntialias = true };
        canvas.DrawRect(left, top, width, height, fill);
        canvas.DrawText(text, left + Margin, top + TextSize, SKTextAlign.Left, font, ink);
    }

    /// <summary>The same colour for the same label in every run, which string.GetHashCode does not promise.</summary>
    private static int StableIndex(string label) => label == "person" ? 0 : 1 + (label.Sum(letter => letter) % (Palette.Length - 1));

    private static void BgrToBgra(ReadOnlySpan<byte> bgr, Span<byte> bgra)
    {
        for (int from = 0, to = 0; to + 3 < bgra.Length; from += 3, to += 4)
        {
            bgra[to] = bgr[from];
            bgra[to + 1] = bgr[from + 1];
            bgra[to + 2] = bgr[from + 2];
            bgra[to + 3] = 0xff;
        }
    }
}
