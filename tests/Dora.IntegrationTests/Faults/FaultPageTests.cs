// SPDX-License-Identifier: Apache-2.0

using System.Reflection;
using System.Text;
using Dora.Testing;

namespace Dora.IntegrationTests.Faults;

/// <summary>The page for users says what the tests prove, no more and no less.</summary>
public sealed class FaultPageTests
{
    private const string Update = "DORA_UPDATE_DOCS";

    private static readonly string Page = Path.Combine(DoraExecutable.RepositoryRoot, "docs", "guide", "faults.md");

    [Fact]
    public void The_page_of_faults_is_the_one_that_the_tests_make()
    {
        var expected = Render();
        if (Environment.GetEnvironmentVariable(Update) is { Length: > 0 })
            File.WriteAllText(Page, expected);

        Assert.True(File.Exists(Page) && File.ReadAllText(Page) == expected, $"{Page} is not what the tests say; run this test with {Update}=1 and commit the page");
    }

    private static string Render()
    {
        var text = new StringBuilder("""
            # When things go wrong

            Each row is a test with real processes that runs on every change. The page is made from these tests
            (`DORA_UPDATE_DOCS=1 ./test integration -class "*FaultPageTests"`): what stands here holds.

            """);
        var tests = typeof(FaultPageTests).Assembly.GetTypes()
            .SelectMany(type => type.GetMethods(BindingFlags.Public | BindingFlags.Instance))
            .Select(method => (Method: method, Fault: method.GetCustomAttribute<FaultAttribute>()))
            .Where(test => test.Fault is not null)
            .OrderBy(test => test.Fault!.Group)
            .ThenBy(test => test.Fault!.Cause, StringComparer.Ordinal)
            .ThenBy(test => test.Method.Name, StringComparer.Ordinal);
        foreach (var group in tests.GroupBy(test => test.Fault!.Group))
        {
            text.Append($"\n## {group.Key}\n\n| what goes wrong | what you see | test |\n|---|---|---|\n");
            foreach (var (method, fault) in group)
                text.Append($"| {fault!.Cause} | {fault.Effect} | `{method.DeclaringType!.Name}.{method.Name}` |\n");
        }

        return text.ToString().ReplaceLineEndings("\n");
    }
}
