// SPDX-License-Identifier: Apache-2.0

using Dora.Platform;
using Dora.Platform.Files;
using Dora.Platform.Processes;
using Dora.Protocol.Messages;

namespace Dora.IntegrationTests.Launching;

/// <summary>Fault 28: a program that can't be started gives one line that names the cause.</summary>
public sealed class LaunchFailureTests : IDisposable
{
    private readonly EventPoll _poll = new("test poll");
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("dora-test-");

    public void Dispose()
    {
        _poll.Dispose();
        _folder.Delete(recursive: true);
    }

    [Fact]
    public async Task Missing_binary() => await Fails(Errno.ENOENT, "does not exist", Path.Combine(_folder.FullName, "nothing"));

    [Fact]
    public async Task A_file_as_folder() => await Fails(Errno.ENOTDIR, "not a folder", Write("file", "x") + "/program");

    [Fact]
    public async Task Not_executable() => await Fails(Errno.EACCES, "not executable (chmod +x)", Write("plain", "#!/bin/sh\n"));

    [Fact]
    public async Task A_folder() => await Fails(Errno.EACCES, "is a folder", _folder.FullName);

    [Fact]
    public async Task Neither_elf_nor_script() => await Fails(Errno.ENOEXEC, "neither an ELF file", Write("text", "hello\n", executable: true));

    [Fact]
    public async Task Missing_interpreter() =>
        await Fails(Errno.ENOENT, "interpreter that", Write("script", "#!/no/such/python -u\n", executable: true));

    [Fact]
    public async Task Text_busy()
    {
        var program = Path.Combine(_folder.FullName, "true");
        File.Copy("/bin/true", program);
        using var writer = new FileStream(program, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
        await Fails(Errno.ETXTBSY, "being written", program);
    }

    [Fact]
    public async Task Arguments_too_long() =>
        await Fails(Errno.E2BIG, "too long", "/bin/true", spec => spec.Arguments.Add(new string('x', 200_000)));

    [Fact]
    public async Task Missing_working_directory() =>
        await Fails(Errno.ENOENT, "working directory", "/bin/true", spec => spec.WorkingDirectory = "/no/such/folder");

    [Fact]
    public async Task Working_directory_that_is_a_file()
    {
        var file = Write("file", "");
        await Fails(Errno.ENOTDIR, "not a folder", "/bin/true", spec => spec.WorkingDirectory = file);
    }

    [Fact]
    public async Task Unknown_cpu() => await Fails(Errno.EINVAL, "cpu_affinity [4095]", "/bin/true", spec => spec.CpuAffinity.Add(4095));

    [Fact]
    public async Task Unknown_limit() =>
        await Fails(Errno.EINVAL, "no resource limit 'nofiles'", "/bin/true", spec => spec.Limits.Add(new ResourceLimit { Name = "nofiles" }));

    [Fact]
    public void Fault_22_no_descriptors_left_names_the_limit()
    {
        var (pid, output) = HelperProcess.Start("starve", "exit 0", "");
        var text = output.ReadToEnd();
        Assert.Equal(0, ChildProcesses.Reap(pid).ExitCode);
        Assert.Contains($"{Errno.EMFILE} no file descriptor left in this process (limit ", text, StringComparison.Ordinal);
        output.Dispose();
    }

    [Fact]
    public void The_hidden_commands_refuse_to_be_started_by_hand()
    {
        foreach (var command in new[] { "launch", "exec" })
        {
            var pipe = FileDescriptors.CreatePipe();
            var pid = ProcessSpawner.Spawn(new SpawnRequest
            {
                Path = NodeRun.LauncherCommand.Program,
                Arguments = ["dora", command],
                Descriptors = [(2, pipe.WriteEnd)],
            });
            pipe.WriteEnd.Dispose();
            using var error = new StreamReader(new FileStream(pipe.ReadEnd, FileAccess.Read, 1));
            Assert.Contains("not by hand", error.ReadToEnd(), StringComparison.Ordinal);
            Assert.Equal(2, ChildProcesses.Reap(pid).ExitCode);
        }
    }

    private async Task Fails(int errno, string message, string program, Action<LaunchSpec>? adjust = null)
    {
        var run = NodeRun.Start(_poll, program, [], adjust);

        var end = await run.End();

        Assert.Equal(("failed", errno), (end.Kind, end.Errno));
        Assert.Contains(message, end.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', end.Message);
        Assert.Equal(1, run.FinalEvents);
        Assert.Null(ProcessStat.TryRead(run.Process.LauncherPid));
    }

    private string Write(string name, string content, bool executable = false)
    {
        var path = Path.Combine(_folder.FullName, name);
        File.WriteAllText(path, content);
        File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | (executable ? UnixFileMode.UserExecute : 0));
        return path;
    }
}
