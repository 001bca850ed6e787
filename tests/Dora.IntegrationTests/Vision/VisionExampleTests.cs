// SPDX-License-Identifier: Apache-2.0

using System.Buffers.Binary;
using System.Diagnostics;
using System.Globalization;
using Dora.Testing;

namespace Dora.IntegrationTests.Vision;

/// <summary>The first example of the README, as a user starts it, on the video that comes with it.</summary>
public sealed class VisionExampleTests
{
    private const int Frames = 6;

    // Generous: the first run restores packages and builds three programs, on a machine that may be busy.
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(10);

    /// <summary>The people in the first picture, measured by eye: left, top, right, bottom. All seven are in full view.</summary>
    private static readonly Box[] PeopleInFirstPicture =
    [
        new(202, 153, 224, 228),
        new(251, 155, 278, 226),
        new(301, 151, 334, 217), // red jacket
        new(462, 195, 492, 274),
        new(594, 168, 621, 247),
        new(614, 280, 659, 393), // blue jacket
        new(266, 347, 306, 480), // on the grass
    ];

    [Fact]
    public async Task Vision_example_finds_the_people_on_the_street_and_draws_them()
    {
        var folder = Directory.CreateTempSubdirectory("dora-vision-").FullName;
        try
        {
            await RunAsync(folder);

            var pictures = Directory.GetFiles(folder, "frame_*.png").Order().ToArray();
            Assert.Equal(Enumerable.Range(1, Frames).Select(frame => $"frame_{frame:0000}.png"), pictures.Select(Path.GetFileName));
            Assert.All(pictures, picture => Assert.Equal((768, 576), PngSize(picture)));

            var detections = ReadDetections(Path.Combine(folder, "detections.csv"));
            var people = detections.Where(detection => detection is { Frame: 1, Label: "person" }).Select(detection => detection.Box).ToArray();
            Assert.Equal(PeopleInFirstPicture.Length, people.Length);
            Assert.All(PeopleInFirstPicture, person => Assert.True(people.Max(person.Overlap) > 0.6, $"no box for {person} among {string.Join(", ", people)}"));
            Assert.All(Enumerable.Range(1, Frames), frame => Assert.InRange(detections.Count(d => d.Frame == frame && d.Label == "person"), 5, 9));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task RunAsync(string folder)
    {
        using Process dora = new()
        {
            StartInfo = new ProcessStartInfo(DoraExecutable.Path, ["run", "examples/vision/dataflow.yml"])
            {
                WorkingDirectory = DoraExecutable.RepositoryRoot,
                Environment = { ["CAMERA_SOURCE"] = "media/street.webp", ["CAMERA_FRAMES"] = $"{Frames}", ["PLOT_FOLDER"] = folder },
                RedirectStandardOutput = true,
                RedirectStandardError = true,
            },
        };
        dora.Start();
        var output = dora.StandardOutput.ReadToEndAsync();
        var errors = dora.StandardError.ReadToEndAsync();
        using CancellationTokenSource limit = new(Limit);
        try
        {
            await dora.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            dora.Kill(entireProcessTree: true);
        }

        Assert.True(dora is { HasExited: true, ExitCode: 0 }, $"dora run failed or took longer than {Limit}:\n{await output}\n{await errors}");
    }

    private static (int Width, int Height) PngSize(string path)
    {
        var header = File.ReadAllBytes(path).AsSpan(0, 24);
        Assert.Equal("PNG\r\n\u001a\n"u8, header[1..8]);
        return (BinaryPrimitives.ReadInt32BigEndian(header[16..]), BinaryPrimitives.ReadInt32BigEndian(header[20..]));
    }

    private static (int Frame, string Label, Box Box)[] ReadDetections(string path) =>
        [.. from line in File.ReadLines(path).Skip(1)
            let fields = line.Split(',')
            let numbers = Array.ConvertAll(fields[2..], field => double.Parse(field, CultureInfo.InvariantCulture)) // score, then the box
            select (int.Parse(fields[0], CultureInfo.InvariantCulture), fields[1], new Box(numbers[1], numbers[2], numbers[3], numbers[4]))];

    private readonly record struct Box(double Left, double Top, double Right, double Bottom)
    {
        /// <summary>Area of the intersection over area of the union.</summary>
        public double Overlap(Box other)
        {
            var width = Math.Min(Right, other.Right) - Math.Max(Left, other.Left);
            var height = Math.Min(Bottom, other.Bottom) - Math.Max(Top, other.Top);
            var both = Math.Max(width, 0) * Math.Max(height, 0);
            return both / (((Right - Left) * (Bottom - Top)) + ((other.Right - other.Left) * (other.Bottom - other.Top)) - both);
        }
    }
}
