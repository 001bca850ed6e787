// SPDX-License-Identifier: Apache-2.0
using SkiaSharp;

/// <summary>Pictures, one after the other: a camera, a video or photographs.</summary>
internal abstract class FrameSource : IDisposable
{
    /// <summary>For people: where the pictures come from.</summary>
    public abstract string Description { get; }

    /// <summary>Pixels of the current frame; photographs may differ in size.</summary>
    public int Width { get; protected set; }

    public int Height { get; protected set; }

    /// <summary>Goes to the next frame; false at the end. A camera waits for its next picture.</summary>
    public abstract bool MoveNext();

    /// <summary>Writes the current frame as <see cref="Width"/> x <see cref="Height"/> pixels of blue, green and red, row after row without padding.</summary>
    public abstract void CopyBgrTo(Span<byte> destination);

    public abstract void Dispose();

    /// <summary>Opens a V4L2 device, a picture, an animation or a folder of them; without a path the first camera, or else the video that comes along.</summary>
    public static FrameSource Open(string? path, string fallback)
    {
        if (!string.IsNullOrEmpty(path))
            return path.StartsWith("/dev/", StringComparison.Ordinal) ? new V4l2Camera(path) : new PictureFiles(path);
        const string firstCamera = "/dev/video0";
        if (File.Exists(firstCamera))
        {
            try
            {
                return new V4l2Camera(firstCamera);
            }
            catch (IOException e) // in use, not permitted, no format that we read: the example should run all the same
            {
                Console.Error.WriteLine($"{e.Message}; showing {fallback} instead");
            }
        }
        return new PictureFiles(fallback);
    }

    /// <summary>Drops every fourth byte, the unused alpha of Skia's pixels.</summary>
    protected static void BgraToBgr(ReadOnlySpan<byte> bgra, Span<byte> bgr)
    {
        for (int from = 0, to = 0; from + 3 < bgra.Length; from += 4, to += 3)
        {
            bgr[to] = bgra[from];
            bgr[to + 1] = bgra[from + 1];
            bgr[to + 2] = bgra[from + 2];
        }
    }
}

/// <summary>The frames of a file that Skia decodes (JPEG, PNG, WebP, GIF; the last two also animated), or of all such files in a folder by name.</summary>
internal sealed class PictureFiles : FrameSource
{
    private static readonly string[] Extensions = [".jpg", ".jpeg", ".png", ".webp", ".gif", ".bmp"];

    private readonly string[] _paths;
    private SKCodec? _codec;
    private SKBitmap? _canvas;
    private int _nextPath;
    private int _nextFrame;

    public PictureFiles(string path)
    {
        _paths = Directory.Exists(path) ? [.. Directory.EnumerateFiles(path).Where(IsPicture).Order(StringComparer.Ordinal)]
            : File.Exists(path) ? [path]
            : throw new FileNotFoundException($"no such file or folder: {Path.GetFullPath(path)}");
        if (_paths is [])
            throw new FileNotFoundException($"no pictures ({string.Join(' ', Extensions)}) in {Path.GetFullPath(path)}");
        Description = path;

        static bool IsPicture(string file) => Extensions.Contains(Path.GetExtension(file), StringComparer.OrdinalIgnoreCase);
    }

    public override string Description { get; }

    public override bool MoveNext()
    {
        while (_codec is null || _nextFrame >= Math.Max(_codec.FrameCount, 1)) // a still picture counts no frames
        {
            if (_nextPath == _paths.Length)
                return false;
            Open(_paths[_nextPath++]);
        }
        // Each frame of an animation is drawn over the one before it, which is still on the canvas.
        var options = new SKCodecOptions(_nextFrame) { PriorFrame = _nextFrame - 1 };
        var result = _codec.GetPixels(_canvas!.Info, _canvas.GetPixels(), options);
        if (result is not (SKCodecResult.Success or SKCodecResult.IncompleteInput))
            throw new InvalidDataException($"{_paths[_nextPath - 1]}, frame {_nextFrame}: {result}");
        _nextFrame++;
        return true;
    }

    public override void CopyBgrTo(Span<byte> destination) => BgraToBgr(_canvas!.GetPixelSpan(), destination);

    public override void Dispose()
    {
        _codec?.Dispose();
        _canvas?.Dispose();
    }

    private void Open(string path)
    {
        Dispose();
        _codec = SKCodec.Create(path, out var result) ?? throw new InvalidDataException($"{Path.GetFullPath(path)}: {result}");
        (Width, Height) = (_codec.Info.Width, _codec.Info.Height);
        _canvas = new SKBitmap(new SKImageInfo(Width, Height, SKColorType.Bgra8888, SKAlphaType.Premul));
        _nextFrame = 0;
    }
}
