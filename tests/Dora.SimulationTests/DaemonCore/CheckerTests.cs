// SPDX-License-Identifier: Apache-2.0

namespace Dora.SimulationTests.DaemonCore;

/// <summary>The simulator proves something only if it fails when the core is wrong.</summary>
public sealed class CheckerTests(ITestOutputHelper output)
{
    private const ulong Seeds = 4_000;

    public static TheoryData<string> Flaws => [.. BrokenCore.All().Select(flaw => flaw.Name)];

    [Theory]
    [MemberData(nameof(Flaws))]
    public void A_core_that_breaks_a_rule_is_found_out(string name)
    {
        var flaw = BrokenCore.All().Single(flaw => flaw.Name == name);
        for (var seed = 0UL; seed < Seeds; seed++)
        {
            try
            {
                new World(seed, flaw.Make).Run();
            }
            catch (InvariantBrokenException e)
            {
                output.WriteLine($"seed {seed}: {e.Message}");
                return;
            }
        }
        Assert.Fail($"no history of {Seeds} shows that the core {name}");
    }
}
