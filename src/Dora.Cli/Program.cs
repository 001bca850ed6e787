// SPDX-License-Identifier: Apache-2.0

using Dora.Cli;
using Dora.Cli.Output;
using Dora.Daemon.Launching;

// The two hidden commands that stand between the daemon and a node come first: they must run on the main thread, start in
// milliseconds and touch nothing of the command line.
if (args is [LauncherProgram.Command, ..])
    return LauncherProgram.Run(args);
if (args is [ExecShim.Command, ..])
    return ExecShim.Run(args);

return await CommandLine.RunAsync(args, Terminal.Standard());
