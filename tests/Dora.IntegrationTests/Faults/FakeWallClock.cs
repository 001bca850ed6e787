// SPDX-License-Identifier: Apache-2.0

using System.Buffers.Binary;
using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace Dora.IntegrationTests.Faults;

/// <summary>Gives all processes of a run one wall clock that can be set while they run; other processes, and the monotonic clock, are left alone.</summary>
internal sealed class FakeWallClock
{
    private readonly string _file;
    private readonly string _library;

    /// <summary>Makes the clock, right at first, and has the run use it.</summary>
    public FakeWallClock(DataflowRun run)
    {
        _file = Path.Combine(run.Folder, "wall-clock");
        _library = Path.Combine(run.Folder, "fake_wall_clock.so");
        SetOffset(TimeSpan.Zero);
        Compile();
        run.Environment["FAKE_WALL_CLOCK"] = _file;
        run.Environment["LD_PRELOAD"] = _library;
    }

    /// <summary>From now on the clock is off by this.</summary>
    public void SetOffset(TimeSpan offset)
    {
        Span<byte> seconds = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(seconds, (long)offset.TotalSeconds);
        using var file = File.OpenHandle(_file, FileMode.OpenOrCreate, FileAccess.Write, FileShare.ReadWrite);
        RandomAccess.Write(file, seconds, 0); // in place: the processes have mapped it
    }

    /// <summary>Whether a process has loaded it.</summary>
    public bool IsUsedBy(int pid) => File.ReadAllText($"/proc/{pid}/maps").Contains(_library, StringComparison.Ordinal);

    private static string Source([CallerFilePath] string thisFile = "") => Path.Combine(Path.GetDirectoryName(thisFile)!, "fake_wall_clock.c");

    private void Compile()
    {
        foreach (var compiler in (string[])["gcc", "clang"])
        {
            try
            {
                using var process = Process.Start(new ProcessStartInfo(compiler, ["-O2", "-Wall", "-Werror", "-shared", "-fPIC", "-o", _library, Source()]) { RedirectStandardError = true })!;
                var said = process.StandardError.ReadToEnd();
                process.WaitForExit();
                Assert.True(process.ExitCode == 0, said);
                return;
            }
            catch (Win32Exception)
            {
                // Not here: the next one.
            }
        }

        Assert.Fail("this test needs gcc or clang");
    }
}
