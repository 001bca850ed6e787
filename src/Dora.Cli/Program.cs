// SPDX-License-Identifier: Apache-2.0

using Dora.Cli;
using Dora.Cli.Output;

return await CommandLine.RunAsync(args, Terminal.Standard());
