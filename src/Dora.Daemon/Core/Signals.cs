// SPDX-License-Identifier: Apache-2.0

namespace Dora.Daemon.Core;

/// <summary>The Linux signal numbers that the daemon sends or explains.</summary>
public static class Signals
{
    public const int Kill = 9;
    public const int Term = 15;

    /// <summary><c>SIGSEGV</c> for 11, <c>signal 34</c> for one without a common name.</summary>
    public static string Name(int signal) => signal switch
    {
        1 => "SIGHUP",
        2 => "SIGINT",
        3 => "SIGQUIT",
        4 => "SIGILL",
        5 => "SIGTRAP",
        6 => "SIGABRT",
        7 => "SIGBUS",
        8 => "SIGFPE",
        Kill => "SIGKILL",
        10 => "SIGUSR1",
        11 => "SIGSEGV",
        12 => "SIGUSR2",
        13 => "SIGPIPE",
        14 => "SIGALRM",
        Term => "SIGTERM",
        24 => "SIGXCPU",
        25 => "SIGXFSZ",
        31 => "SIGSYS",
        _ => $"signal {signal}",
    };
}
