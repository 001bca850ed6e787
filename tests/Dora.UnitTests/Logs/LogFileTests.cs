// SPDX-License-Identifier: Apache-2.0

using System.Text;
using Dora.Daemon.Logs;

namespace Dora.UnitTests.Logs;

public sealed class LogFileTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("dora-test-");
    private readonly ManualTime _time = new();

    private string FilePath => Path.Combine(_folder.FullName, "sub", "log_n.jsonl");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void Files_are_rotated_by_size_and_the_oldest_goes()
    {
        using (var file = new LogFile(FilePath, maxBytes: 20, maxRotated: 2, _time))
        {
            for (var i = 0; i < 8; i++)
                file.Append(Encoding.UTF8.GetBytes($"line {i}..\n")); // 9 bytes: two to a file
        }
        Assert.Equal("line 6..\nline 7..\n", File.ReadAllText(FilePath));
        Assert.Equal("line 4..\nline 5..\n", File.ReadAllText(Path.ChangeExtension(FilePath, ".1.jsonl")));
        Assert.Equal("line 2..\nline 3..\n", File.ReadAllText(Path.ChangeExtension(FilePath, ".2.jsonl")));
        Assert.Equal(3, Directory.GetFiles(Path.GetDirectoryName(FilePath)!).Length);
    }

    [Fact]
    public void A_line_longer_than_the_limit_gets_a_file_of_its_own()
    {
        using (var file = new LogFile(FilePath, maxBytes: 5, maxRotated: 1, _time))
        {
            file.Append("0123456789\n"u8);
            file.Append("x\n"u8);
        }
        Assert.Equal("x\n", File.ReadAllText(FilePath));
    }

    [Fact]
    public void Fault_14_a_full_disk_is_reported_once_counted_and_survived()
    {
        var full = true;
        var reports = new List<string>();
        using var file = new LogFile(FilePath, 1 << 20, 1, _time, path =>
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            return new FileStream(full ? "/dev/full" : path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.ReadWrite, 0);
        })
        {
            Failing = reports.Add,
            Recovered = lost => reports.Add($"recovered {lost}"),
        };
        for (var i = 0; i < 3; i++)
        {
            file.Append("lost\n"u8);
            file.Flush();
            _time.Advance(TimeSpan.FromSeconds(2));
        }
        Assert.Equal(3, file.LostLines);
        Assert.Single(reports);

        full = false;
        file.Append("kept\n"u8);
        file.Flush();

        Assert.Equal("recovered 3", reports[^1]);
        Assert.Equal("kept\n", File.ReadAllText(FilePath));
    }

    [Fact]
    public void While_it_fails_the_disk_is_tried_once_a_second_only()
    {
        var tries = 0;
        using var file = new LogFile(FilePath, 1 << 20, 1, _time, _ =>
        {
            tries++;
            throw new UnauthorizedAccessException("no");
        });
        for (var i = 0; i < 100; i++)
        {
            file.Append("x\n"u8);
            file.Flush();
            _time.Advance(TimeSpan.FromMilliseconds(100));
        }
        Assert.InRange(tries, 9, 11);
        Assert.Equal(100, file.LostLines);
    }

    [Fact]
    public void A_line_that_was_written_in_part_is_taken_back()
    {
        Directory.CreateDirectory(Path.GetDirectoryName(FilePath)!);
        var disk = new Disk();
        using var file = new LogFile(FilePath, 1 << 20, 1, _time, path => new HalfWriting(path, disk));
        file.Append("good\n"u8);
        file.Flush();
        disk.IsFull = true;
        file.Append("lost, half of it\n"u8);
        file.Flush();
        Assert.StartsWith("good\nlost", File.ReadAllText(FilePath), StringComparison.Ordinal);
        disk.IsFull = false;
        _time.Advance(TimeSpan.FromSeconds(2));
        file.Append("next\n"u8);
        file.Flush();
        Assert.Equal("good\nnext\n", File.ReadAllText(FilePath));
    }

    [Fact]
    public void The_flood_gate_lets_a_burst_pass_and_then_the_rate()
    {
        var gate = new FloodGate(linesPerSecond: 10, burst: 5, _time);
        Assert.Equal(5, Enumerable.Range(0, 100).Count(_ => gate.TryPass()));
        Assert.Equal(95, gate.TakeSuppressed());
        Assert.Equal(0, gate.TakeSuppressed());
        _time.Advance(TimeSpan.FromMilliseconds(200));
        Assert.Equal(2, Enumerable.Range(0, 100).Count(_ => gate.TryPass()));
        _time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(5, Enumerable.Range(0, 100).Count(_ => gate.TryPass()));
    }

    private sealed class Disk
    {
        public bool IsFull { get; set; }
    }

    private sealed class HalfWriting(string path, Disk disk) : FileStream(path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.ReadWrite, 0)
    {
        public override void Write(byte[] buffer, int offset, int count)
        {
            base.Write(buffer, offset, disk.IsFull ? count / 2 : count);
            if (disk.IsFull)
                throw new IOException("No space left on device");
        }
    }

    internal sealed class ManualTime : TimeProvider
    {
        private long _ticks = 1_000_000;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => _ticks;

        public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch.AddTicks(_ticks);

        public void Advance(TimeSpan time) => _ticks += time.Ticks;
    }
}
