// SPDX-License-Identifier: Apache-2.0

using Dora.Cli.Checks;
using Dora.Platform;

namespace Dora.UnitTests.Cli;

public sealed class ChecksTests
{
    [Fact]
    public void Whatever_this_machine_lacks_comes_with_a_fix()
    {
        Check[] checks = [.. KernelChecks.All(), .. LimitChecks.All()];

        Assert.All(checks, check => Assert.True(check.State == CheckState.Ok || check.Fix is not null, $"{check}"));
        Assert.Equal(checks.Length, checks.Select(check => check.Name).Distinct().Count());
        foreach (var probe in new[] { "shared memory", "sealing", "descriptor passing", "futex" })
            Assert.Equal(CheckState.Ok, Assert.Single(checks, check => check.Name == probe).State); // the tests themselves need them
    }

    [Theory]
    [InlineData(Errno.ENOSYS, "seccomp")]
    [InlineData(Errno.EMFILE, "ulimit -n")]
    [InlineData(Errno.ENOMEM, "memory is short")]
    [InlineData(Errno.EIO, "container or sandbox")]
    public void A_system_call_that_fails_is_a_check_that_failed_with_a_fix(int errno, string fix)
    {
        var check = Check.Of("probe", () => throw new PlatformException("memfd_create", errno));

        Assert.Equal((CheckState.Failed, "probe"), (check.State, check.Name));
        Assert.Contains("memfd_create", check.Detail, StringComparison.Ordinal);
        Assert.Contains(fix, check.Fix, StringComparison.Ordinal);
    }
}
