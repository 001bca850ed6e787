// SPDX-License-Identifier: Apache-2.0

using Dora.Daemon.Shell;
using Dora.Platform.Files;
using Dora.Platform.Processes;
using Dora.Platform.Sockets;
using Dora.Protocol;

namespace Dora.UnitTests.Shell;

public sealed class RuntimeDirectoryTests : IDisposable
{
    private readonly DirectoryInfo _base = Directory.CreateTempSubdirectory("dora-test-");

    private string UserFolder => Path.Combine(_base.FullName, $"dora-{ProcessControl.UserId}");

    public void Dispose() => _base.Delete(recursive: true);

    [Fact]
    public void The_folder_is_the_owners_alone_and_vanishes_with_the_run()
    {
        var id = NewId();
        using (var directory = Create(id))
        {
            Assert.Equal(Path.Combine(UserFolder, id.ToString()), directory.Path);
            foreach (var path in new[] { UserFolder, directory.Path })
                Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(path));
            using var listener = UnixListener.Listen(directory.SocketPath);
            Assert.Equal([(directory.Path, Environment.ProcessId)], RuntimeDirectory.List(_base.FullName).Select(run => (run.Path, run.Owner.Pid)));
        }
        Assert.Empty(_base.GetFileSystemInfos()); // the user's folder too
    }

    [Fact]
    public async Task Runs_that_end_while_others_start_never_take_the_shared_folder_from_them()
    {
        var runs = Enumerable.Range(0, 8).Select(_ => Task.Run(() =>
        {
            for (var i = 0; i < 100; i++)
            {
                using var directory = Create(NewId());
                File.WriteAllText(Path.Combine(directory.Path, "daemon.sock"), "");
                Assert.False(FileStatus.TryRead(UserFolder)!.Value.IsOpenToOthers);
            }
        }));

        await Task.WhenAll(runs);

        Assert.Empty(_base.GetFileSystemInfos());
    }

    [Fact]
    public void Fault_25_folders_of_dead_runs_are_swept_and_those_of_living_ones_are_not()
    {
        using var living = Create(NewId());
        var killed = MakeStale(NewId(), RunOwner.Current() with { StartTimeTicks = 1 }); // same pid, other process: reused
        var otherBoot = MakeStale(NewId(), RunOwner.Current() with { BootId = "11111111-2222-3333-4444-555555555555" });
        var torn = MakeStale(NewId(), null);
        var withoutLock = Directory.CreateDirectory(Path.Combine(UserFolder, NewId().ToString())).FullName;
        var foreign = Directory.CreateDirectory(Path.Combine(UserFolder, "something-else")).FullName;

        using var next = Create(NewId());

        Assert.All([killed, otherBoot, torn, withoutLock], path => Assert.False(Directory.Exists(path)));
        Assert.All([living.Path, foreign, next.Path], path => Assert.True(Directory.Exists(path)));
    }

    [Fact]
    public void Fault_25_an_owner_that_lives_is_believed_even_if_the_file_system_does_not_lock()
    {
        var unlocked = MakeStale(NewId(), RunOwner.Current());
        using var next = Create(NewId());
        Assert.True(Directory.Exists(unlocked));
    }

    [Fact]
    public void Fault_25_the_kernel_gives_a_killed_owners_lock_up()
    {
        Directory.CreateDirectory(UserFolder);
        var path = Directory.CreateDirectory(Path.Combine(UserFolder, NewId().ToString())).FullName;
        var lockPath = Path.Combine(path, "lock");
        var ready = FileDescriptors.CreatePipe();
        var owner = ProcessSpawner.Spawn(new SpawnRequest
        {
            Path = "/bin/sh",
            Arguments = ["sh", "-c", $"exec 9> '{lockPath}'; flock 9; echo locked; exec sleep 1000"],
            Descriptors = [(1, ready.WriteEnd)],
        });
        ready.WriteEnd.Dispose();
        using var output = new StreamReader(new FileStream(ready.ReadEnd, FileAccess.Read, 1));
        Assert.Equal("locked", output.ReadLine());

        using (Create(NewId()))
            Assert.True(Directory.Exists(path));
        Signal.Send(owner, Signal.SIGKILL);
        ChildProcesses.Reap(owner);
        using (Create(NewId()))
            Assert.False(Directory.Exists(path));
    }

    [Fact]
    public void Fault_28_a_planted_symbolic_link_is_refused()
    {
        var elsewhere = _base.CreateSubdirectory("elsewhere");
        File.CreateSymbolicLink(UserFolder, elsewhere.FullName);
        var e = Assert.Throws<RuntimeDirectoryException>(() => Create(NewId()));
        Assert.Contains("symbolic link", e.Message, StringComparison.Ordinal);
        Assert.Empty(elsewhere.GetFileSystemInfos());
    }

    [Fact]
    public void Fault_28_a_file_in_the_way_and_a_missing_base_are_one_line_each()
    {
        File.WriteAllText(UserFolder, "");
        Assert.Contains("is not a folder", Assert.Throws<RuntimeDirectoryException>(() => Create(NewId())).Message, StringComparison.Ordinal);
        var e = Assert.Throws<RuntimeDirectoryException>(() => RuntimeDirectory.Create(NewId(), Path.Combine(UserFolder, "below-a-file")));
        Assert.DoesNotContain('\n', e.Message);
    }

    [Fact]
    public void Fault_28_another_users_folder_is_refused()
    {
        Assert.SkipUnless(ProcessControl.UserId == 0, "only root can give a folder to somebody else");
        Directory.CreateDirectory(UserFolder);
        var chown = ProcessSpawner.Spawn(new SpawnRequest { Path = "/bin/chown", Arguments = ["chown", "12345", UserFolder] });
        Assert.Equal(0, ChildProcesses.Reap(chown).ExitCode);
        var e = Assert.Throws<RuntimeDirectoryException>(() => Create(NewId()));
        Assert.Contains("belongs to user 12345", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Permissions_that_are_too_wide_are_taken_back()
    {
        Directory.CreateDirectory(UserFolder, (UnixFileMode)0x1FF);
        File.SetUnixFileMode(UserFolder, (UnixFileMode)0x1FF);
        using var directory = Create(NewId());
        Assert.False(FileStatus.TryRead(UserFolder)!.Value.IsOpenToOthers);
    }

    [Fact]
    public async Task Fault_27_twenty_runs_start_at_once()
    {
        var directories = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => Task.Run(() => Create(NewId()))));
        Assert.Equal(20, RuntimeDirectory.List(_base.FullName).Count);
        foreach (var directory in directories)
            directory.Dispose();
        Assert.Empty(_base.GetFileSystemInfos());
    }

    [Fact]
    public void Fault_27_the_same_run_twice_names_the_owner()
    {
        var id = NewId();
        using var first = Create(id);
        var e = Assert.Throws<RuntimeDirectoryException>(() => Create(id));
        Assert.Contains($"process {Environment.ProcessId}", e.Message, StringComparison.Ordinal);
    }

    private RuntimeDirectory Create(DataflowId id) => RuntimeDirectory.Create(id, _base.FullName);

    private string MakeStale(DataflowId id, RunOwner? owner)
    {
        var path = Directory.CreateDirectory(Path.Combine(UserFolder, id.ToString())).FullName;
        using var file = LockFile.TryTake(Path.Combine(path, "lock"), create: true, out _);
        owner?.WriteTo(file!);
        return path;
    }

    private static DataflowId NewId() => new(Guid.CreateVersion7());
}
