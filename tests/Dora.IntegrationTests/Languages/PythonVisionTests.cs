// SPDX-License-Identifier: Apache-2.0

using System.Globalization;
using Dora.Testing;

namespace Dora.IntegrationTests.Languages;

/// <summary>The programs of the first guide: webcam, object_detection and plot.</summary>
[Collection(LanguageCollection.Name)]
public sealed class PythonVisionTests(PythonEnvironment python) : IClassFixture<PythonEnvironment>
{
    private const int Frames = 3;

    /// <summary>Middles of the three people in the first picture who stand in full view and apart from others, found by eye.</summary>
    private static readonly (double X, double Y)[] People = [(477, 234), (636, 336), (286, 413)];

    [Fact]
    public async Task Example_finds_the_people_on_the_street()
    {
        var folder = Directory.CreateTempSubdirectory("dora-python-vision-").FullName;
        try
        {
            var output = await python.Succeed("env", $"VIRTUAL_ENV={Path.GetDirectoryName(python.Bin)}", $"CAMERA_FRAMES={Frames}", $"PLOT_FOLDER={folder}",
                DoraExecutable.Path, "run", Path.Combine(DoraExecutable.RepositoryRoot, "examples", "python-vision", "dataflow.yml"), "--log-dir", "none");
            Assert.Contains($"{Frames} pictures with", output, StringComparison.Ordinal);
            Assert.Equal(Frames, Directory.GetFiles(folder, "frame_*.png").Length);
            var boxes = File.ReadLines(Path.Combine(folder, "boxes.csv")).Skip(1)
                .Select(line => line.Split(',').Select(number => double.Parse(number, CultureInfo.InvariantCulture)).ToArray())
                .Where(row => row[0] == 1).ToArray();
            var found = People.Count(person => boxes.Any(b => b[1] < person.X && person.X < b[3] && b[2] < person.Y && person.Y < b[4]));
            Assert.True(found >= 2, $"found {found} of {People.Length}:\n{string.Join('\n', boxes.Select(b => string.Join(' ', b)))}");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
