// SPDX-License-Identifier: Apache-2.0

using System.Security;
using System.Text;

namespace Dora.Cli.Building;

/// <summary>The project that stands behind a single C# file: what <c>dotnet run file.cs</c> would take, with defaults for low latency.</summary>
/// <remarks>
/// Why not <c>dotnet build file.cs</c>: it builds one file a call, so that five nodes start MSBuild five times and several at once write
/// to the same folders of the projects they share. As projects of one solution they are built together, shared ones once.
/// </remarks>
internal static class SingleFileProject
{
    public static string Write(SourceProgram program)
    {
        var directives = FileDirectives.Read(program.Path);
        var folder = Escape(program.Folder);
        StringBuilder xml = new();
        xml.Append($"""
            <Project>
              <PropertyGroup>
                <AssemblyName>{Escape(program.Name)}</AssemblyName>
                <RootNamespace>$(AssemblyName)</RootNamespace>
                <OutputType>{(program.IsLibrary ? "Library" : "Exe")}</OutputType>
                <EnableDynamicLoading>{(program.IsLibrary ? "true" : "false")}</EnableDynamicLoading>
                <TargetFramework>net10.0</TargetFramework>
                <LangVersion>latest</LangVersion>
                <ImplicitUsings>enable</ImplicitUsings>
                <Nullable>enable</Nullable>
                <FileBasedProgram>true</FileBasedProgram>
                <EntryPointFilePath>{Escape(program.Path)}</EntryPointFilePath>
                <EnableDefaultItems>false</EnableDefaultItems>
                <EnableDefaultCompileItems>false</EnableDefaultCompileItems>
                <ServerGarbageCollection>false</ServerGarbageCollection>
                <ConcurrentGarbageCollection>false</ConcurrentGarbageCollection>
                <TieredPGO>false</TieredPGO>
                <InvariantGlobalization>true</InvariantGlobalization>
                <DirectoryBuildPropsPath>$([MSBuild]::GetPathOfFileAbove('Directory.Build.props', '{folder}'))</DirectoryBuildPropsPath>
                <DirectoryBuildTargetsPath>$([MSBuild]::GetPathOfFileAbove('Directory.Build.targets', '{folder}'))</DirectoryBuildTargetsPath>
                <DirectoryPackagesPropsPath>$([MSBuild]::GetPathOfFileAbove('Directory.Packages.props', '{folder}'))</DirectoryPackagesPropsPath>
                <RestoreRootConfigDirectory>{folder}</RestoreRootConfigDirectory>
              </PropertyGroup>

            """);
        var sdk = directives.Sdks.FirstOrDefault() ?? "Microsoft.NET.Sdk";
        foreach (var name in directives.Sdks.Skip(1).Prepend(sdk))
            xml.Append($"""  <Import Project="Sdk.props" {Sdk(name)} />""").Append('\n');
        xml.Append("""
              <PropertyGroup>
                <Features>$(Features);FileBasedProgram</Features>

            """);
        foreach (var (name, value) in directives.Properties)
            xml.Append($"    <{name}>{Escape(value)}</{name}>\n");
        xml.Append("""
              </PropertyGroup>
              <ItemGroup>

            """);
        foreach (var file in directives.Files)
            xml.Append($"""    <Compile Include="{Escape(file)}" />""").Append('\n');
        foreach (var (name, version) in directives.Packages)
            xml.Append($"""    <PackageReference Include="{Escape(name)}"{(version is null ? "" : $" Version=\"{Escape(version)}\"")} />""").Append('\n');
        foreach (var project in directives.Projects)
            xml.Append($"""    <ProjectReference Include="{Escape(project)}" />""").Append('\n');
        xml.Append($"""
                <RuntimeHostConfigurationOption Include="EntryPointFilePath" Value="{Escape(program.Path)}" />
                <RuntimeHostConfigurationOption Include="EntryPointFileDirectoryPath" Value="{folder}" />
              </ItemGroup>

            """);
        foreach (var name in directives.Sdks.Skip(1).Prepend(sdk))
            xml.Append($"""  <Import Project="Sdk.targets" {Sdk(name)} />""").Append('\n');
        return xml.Append("</Project>\n").ToString();
    }

    private static string Sdk(string name) => name.Split('/') is [var id, var version]
        ? $"Sdk=\"{Escape(id)}\" Version=\"{Escape(version)}\""
        : $"Sdk=\"{Escape(name)}\"";

    private static string Escape(string text) => SecurityElement.Escape(text);
}
