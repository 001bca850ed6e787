// SPDX-License-Identifier: Apache-2.0

using System.Xml.Linq;
using Dora.Cli;
using Dora.Cli.Building;

namespace Dora.UnitTests.Cli;

public sealed class BuildingTests : IDisposable
{
    private readonly CapturedTerminal _files = new();

    public void Dispose() => _files.Dispose();

    [Fact]
    public void Directives_are_read_from_the_file_and_from_what_it_includes()
    {
        var library = _files.Write("lib/Lib.csproj", "<Project/>");
        var helper = _files.Write("Helper.cs", "#:package Extra@2.0\nclass Helper;\n");
        var main = _files.Write("main.cs", """
            #!/usr/bin/env dotnet
            // words
            #:sdk Microsoft.NET.Sdk.Web@1.2.3
            #:package SkiaSharp@4.155.0
            #:package Central
            #:property LangVersion=preview
            #:project lib
            #:include Helper.cs

            using System;
            // #:package Not@1
            """);

        var directives = FileDirectives.Read(main);

        Assert.Equal([main, helper], directives.Files);
        Assert.Equal(["Microsoft.NET.Sdk.Web/1.2.3"], directives.Sdks);
        Assert.Equal([("SkiaSharp", "4.155.0"), ("Central", null), ("Extra", "2.0")], directives.Packages);
        Assert.Equal([("LangVersion", "preview")], directives.Properties);
        Assert.Equal([library], directives.Projects);
    }

    [Theory]
    [InlineData("#:frobnicate x", "dora does not know the directive '#:frobnicate'")]
    [InlineData("#:project nowhere", "there is no project 'nowhere'")]
    [InlineData("#:include nowhere.cs", "there is no file 'nowhere.cs'")]
    [InlineData("#:property x", "is not Name=Value")]
    [InlineData("#:package", "needs a value")]
    public void A_directive_that_makes_no_sense_is_named_with_its_line(string directive, string message)
    {
        var main = _files.Write("main.cs", $"// first\n{directive}\n");

        var error = Assert.Throws<CliException>(() => FileDirectives.Read(main));

        Assert.Contains($"main.cs:2: ", error.Message);
        Assert.Contains(message, error.Message);
    }

    [Fact]
    public void The_project_of_a_file_holds_what_its_directives_say()
    {
        _files.Write("lib/Lib.csproj", "<Project/>");
        var main = _files.Write("ma&in.cs", "#:package A@1\n#:property X=<y>\n#:project lib\n");

        var project = XDocument.Parse(SingleFileProject.Write(new SourceProgram(main, IsLibrary: true)));

        Assert.Equal("1", Only(project, "PackageReference").Attribute("Version")!.Value);
        Assert.Equal("<y>", Only(project, "X").Value);
        Assert.Equal("Library", Only(project, "OutputType").Value);
        Assert.Equal(main, Only(project, "Compile").Attribute("Include")!.Value);
        Assert.EndsWith("lib/Lib.csproj", Only(project, "ProjectReference").Attribute("Include")!.Value);
    }

    [Fact]
    public void The_fingerprint_changes_with_every_source_and_with_nothing_else()
    {
        _files.Write("lib/Lib.csproj", "<Project><ItemGroup><ProjectReference Include=\"../base/Base.csproj\" /><Compile Include=\"../shared/*.cs\" /></ItemGroup></Project>");
        _files.Write("lib/sub/Lib.cs", "class A;");
        _files.Write("base/Base.csproj", "<Project/>");
        _files.Write("base/Base.cs", "class B;");
        _files.Write("shared/Shared.cs", "class S;");
        _files.Write("Helper.cs", "class H;");
        SourceProgram main = new(_files.Write("main.cs", "#:project lib\n#:include Helper.cs\n"), IsLibrary: false);
        var before = Fingerprint(main);

        _files.Write("lib/obj/x.cs", "generated");
        _files.Write("unrelated.cs", "class U;");
        Assert.Equal(before, Fingerprint(main));

        foreach (var source in new[] { "lib/sub/Lib.cs", "lib/New.cs", "base/Base.cs", "base/Base.csproj", "shared/Shared.cs", "Helper.cs", "Directory.Build.props" })
        {
            _files.Write(source, $"<Project>{Guid.NewGuid()}</Project>");
            var after = Fingerprint(main);
            Assert.True(after != before, source);
            before = after;
        }

        Assert.NotEqual(before, Fingerprint(main with { IsLibrary = true }));
        Assert.NotEqual(before, new SourceFingerprint("another sdk").Of(main));
    }

    [Fact]
    public void Projects_that_refer_to_each_other_do_not_hang_the_fingerprint()
    {
        _files.Write("a/A.csproj", "<ProjectReference Include=\"../b/B.csproj\" />");
        _files.Write("b/B.csproj", "<ProjectReference Include=\"../a/A.csproj\" />");

        Assert.Equal(16, Fingerprint(new SourceProgram(Path.Combine(_files.Folder, "a/A.csproj"), IsLibrary: false)).Length);
    }

    [Fact]
    public void The_cache_gives_back_what_was_stored_and_keeps_the_last_versions()
    {
        BuildCache cache = new(Path.Combine(_files.Folder, "cache"));
        SourceProgram program = new("/somewhere/node.cs", IsLibrary: false);
        _files.Write("result/node.dll", "code");
        _files.Write("result/sub/native.so", "code");
        Assert.Null(cache.Find(program, "0000000000000001"));

        for (var version = 1; version <= 6; version++)
            cache.Store(program, $"000000000000000{version}", Path.Combine(_files.Folder, "result"));

        var newest = cache.Find(program, "0000000000000006");
        Assert.True(File.Exists(Path.Combine(newest!, "sub", "native.so")));
        Assert.Null(cache.Find(program, "0000000000000001"));
        Assert.Null(cache.Find(program with { Path = "/elsewhere/node.cs" }, "0000000000000006"));
    }

    [Fact]
    public async Task Builders_take_turns()
    {
        BuildCache cache = new(Path.Combine(_files.Folder, "cache"));
        var first = await cache.LockAsync(() => Assert.Fail("nobody else builds"), CancellationToken.None);
        TaskCompletionSource waits = new();

        var second = cache.LockAsync(waits.SetResult, CancellationToken.None);
        await waits.Task.WaitAsync(TimeSpan.FromSeconds(60));
        Assert.False(second.IsCompleted);
        first.Dispose();

        (await second.WaitAsync(TimeSpan.FromSeconds(60))).Dispose();
    }

    [Fact]
    public void Compiler_messages_are_shown_once_without_our_own_project()
    {
        var messages = CompilerMessages.Of(
        [
            "  Determining projects to restore...",
            "/x/a.cs(3,19): error CS0103: The name 'nope' does not exist in the current context [/home/someone/.cache/dora/work/projects/a-1/a.csproj]",
            "/x/a.cs(3,19): error CS0103: The name 'nope' does not exist in the current context [/home/someone/.cache/dora/work/projects/a-1/a.csproj]",
            "Build FAILED.",
        ]);

        Assert.Equal(["/x/a.cs(3,19): error CS0103: The name 'nope' does not exist in the current context"], messages);
    }

    private static string Fingerprint(SourceProgram program) => new SourceFingerprint("sdk 10").Of(program);

    private static XElement Only(XDocument project, string name) => Assert.Single(project.Descendants(), e => e.Name.LocalName == name);
}
