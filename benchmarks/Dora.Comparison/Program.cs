// SPDX-License-Identifier: Apache-2.0

using System.Text.Json;
using Dora.Comparison;
using Dora.Comparison.Plan;
using Dora.Comparison.Reporting;
using Dora.Comparison.Running;

if (args is ["memcpy", .. var memcpy])
{
    Memcpy.Run(memcpy);
    return 0;
}

using var stopping = new CancellationTokenSource();
Console.CancelKeyPress += (_, e) =>
{
    e.Cancel = true; // the running peer is killed, then we report what there is
    stopping.Cancel();
};

try
{
    var settings = Settings.Parse(args, FindRoot());
    var comparison = Comparison.Load(Path.Combine(AppContext.BaseDirectory, settings.Plan ?? ""));
    string folder = settings.ResultsFolder(TimeProvider.System);
    var results = new Results(folder);
    var runner = new Runner(comparison, results, settings, Console.Error);
    bool done = true;
    string machinePath = Path.Combine(folder, "machine.json");
    if (!settings.ReportOnly)
    {
        var described = Machine.Describe();
        File.WriteAllText(machinePath, JsonSerializer.Serialize(described, Json.Default.Machine));
        Console.Error.WriteLine($"results go to {folder}");
        if (Machine.Load() > described.Cores / 2.0)
            Console.Error.WriteLine($"the machine has been busy (load {Machine.Load():F1}): expect noise");
        foreach (var (peer, reason) in runner.Missing())
            Console.Error.WriteLine($"missing: {peer.Name}: {reason}");
        try
        {
            done = await runner.RunAsync(stopping.Token);
        }
        catch (OperationCanceledException)
        {
            done = false;
        }
    }

    var machine = JsonSerializer.Deserialize(File.ReadAllText(machinePath), Json.Default.Machine)!;
    if (settings.Plan is not null)
        machine = machine with { Packages = new Dictionary<string, string>() }; // of peers, none of which is in another plan
    var report = new Report(comparison, results, machine, [.. runner.Missing()]);
    string text = report.Write();
    File.WriteAllText(Path.Combine(folder, "report.md"), text);
    (string Name, string Svg)[] plots = settings.Plan is null ? [.. Plots.Draw(comparison, results)] : [];
    foreach (var (name, svg) in plots)
        File.WriteAllText(Path.Combine(folder, name), svg);
    Console.WriteLine(text);
    if (settings.UpdateDocs)
        Docs.Update(Path.Combine(settings.Root, "docs", "guide"), settings.Plan, text, plots);
    if (!done)
    {
        Console.Error.WriteLine($"not done; go on with --resume {folder}");
        return 75;
    }

    return results.Records.Any(r => r.Outcome == "ok") ? 0 : 1;
}
catch (ArgumentException e)
{
    Console.Error.WriteLine($"{e.Message}\n\n{Settings.Usage}");
    return 2;
}

static string FindRoot()
{
    var folder = new DirectoryInfo(AppContext.BaseDirectory);
    while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Dora.slnx")))
        folder = folder.Parent;
    return folder?.FullName ?? Environment.CurrentDirectory;
}
