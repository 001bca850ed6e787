// SPDX-License-Identifier: Apache-2.0

using System.Security;

namespace Dora.Cli.Building;

/// <summary>Builds C# programs with one call of <c>dotnet build</c>: together, so that what they share is built once and in parallel.</summary>
/// <remarks>Everything it writes is in the work folder; folders of the user's are not touched. Call under the cache's lock.</remarks>
internal sealed class DotnetBuild(Toolchain toolchain, string workFolder)
{
    private string Projects => Path.Combine(workFolder, "projects");

    private string Records => Path.Combine(workFolder, "records");

    /// <summary>Builds; the result says for each program where its assembly is.</summary>
    /// <param name="programs">At least one.</param>
    /// <param name="directory">Where the user's SDK is chosen (global.json).</param>
    /// <param name="cancel">Ends the compiler with all its processes.</param>
    /// <exception cref="BuildFailedException">With what the compiler said.</exception>
    public async Task<IReadOnlyDictionary<SourceProgram, string>> RunAsync(IReadOnlyList<SourceProgram> programs, string directory, CancellationToken cancel)
    {
        if (Directory.Exists(Records))
            Directory.Delete(Records, recursive: true);
        Directory.CreateDirectory(Records);
        var projects = programs.ToDictionary(p => p, ProjectOf);
        var solution = WriteSolution(projects.Values);
        var hooks = (Before: WriteHook("before.props", BeforeProject), After: WriteHook("after.targets", AfterProject));

        var result = await ToolProcess.RunAsync(
            toolchain.Dotnet,
            [
                "build", solution, "-nologo", "-v:quiet", "-clp:NoSummary", "-c:Release", "-maxCpuCount",
                "-nodeReuse:false", // nothing of ours stays behind
                $"-p:ArtifactsPath={workFolder}",
                $"-p:CustomBeforeDirectoryBuildProps={hooks.Before}",
                $"-p:CustomAfterMicrosoftCommonTargets={hooks.After}",
                "-p:UseSharedCompilation=false",
                "-p:GenerateDocumentationFile=false", "-p:RunAnalyzers=false", "-p:EnforceCodeStyleInBuild=false", // checks are for the user's own build
            ],
            directory,
            cancel);
        var messages = CompilerMessages.Of(result.Output);
        if (result.ExitCode != 0)
            throw new BuildFailedException(messages.Count > 0 ? messages : result.Output);

        var built = Directory.EnumerateFiles(Records).Select(File.ReadAllLines).ToDictionary(lines => lines[0], lines => lines[1]);
        return programs.ToDictionary(p => p, p => built.TryGetValue(projects[p], out var assembly)
            ? assembly
            : throw new BuildFailedException([$"{p.Path}: the build yielded no assembly"]));
    }

    private string ProjectOf(SourceProgram program)
    {
        if (program.IsProject)
            return program.Path;
        var folder = Path.Combine(Projects, $"{program.Name}-{PathId.Of(program.Path)}");
        Directory.CreateDirectory(folder);
        var project = Path.Combine(folder, program.Name + ".csproj");
        WriteIfChanged(project, SingleFileProject.Write(program)); // its time is an input of the build
        return project;
    }

    private string WriteSolution(IEnumerable<string> projects)
    {
        var path = Path.Combine(workFolder, "nodes.slnx");
        var lines = projects.Distinct().Select(p => $"  <Project Path=\"{SecurityElement.Escape(p)}\" />");
        WriteIfChanged(path, $"<Solution>\n{string.Join('\n', lines)}\n</Solution>\n");
        return path;
    }

    private string WriteHook(string name, string xml)
    {
        var path = Path.Combine(workFolder, name);
        WriteIfChanged(path, xml);
        return path;
    }

    private static void WriteIfChanged(string path, string text)
    {
        if (!File.Exists(path) || File.ReadAllText(path) != text)
            File.WriteAllText(path, text);
    }

    // Two projects of one name in different folders must not share a folder of ours.
    private const string BeforeProject = """
        <Project>
          <PropertyGroup>
            <ArtifactsProjectName>$(MSBuildProjectName)-$([MSBuild]::StableStringHash($(MSBuildProjectFullPath), 'Sha256').Substring(0, 8))</ArtifactsProjectName>
          </PropertyGroup>
        </Project>

        """;

    // Only MSBuild knows where it put what: each project leaves a note.
    private const string AfterProject = """
        <Project>
          <Target Name="DoraRecordTarget" AfterTargets="Build" Condition="'$(TargetPath)' != ''">
            <WriteLinesToFile File="$(ArtifactsPath)/records/$(ArtifactsProjectName)" Lines="$(MSBuildProjectFullPath);$(TargetPath)" Overwrite="true" />
          </Target>
        </Project>

        """;
}

/// <summary>A build said no; the lines are the compiler's own.</summary>
internal sealed class BuildFailedException(IReadOnlyList<string> lines) : Exception("the build failed")
{
    public IReadOnlyList<string> Lines { get; } = lines;
}
