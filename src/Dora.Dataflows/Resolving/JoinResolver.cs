// SPDX-License-Identifier: Apache-2.0

using Dora.Dataflows.Descriptors;
using Dora.Dataflows.Diagnostics;
using Dora.Dataflows.Graph;
using Dora.Protocol;

namespace Dora.Dataflows.Resolving;

/// <summary>Checks a <c>join</c> against the inputs it is about, and its keys against its mode.</summary>
internal sealed class JoinResolver(JoinDescriptor join, string owner, DiagnosticBag diagnostics)
{
    private const string StampParameterPrefix = "param:";

    private readonly JoinMode _mode = Enum.Parse<JoinMode>(join.Mode, ignoreCase: true);

    /// <summary>Null when it was reported.</summary>
    public JoinSettings? Resolve(PortsDescriptor ports)
    {
        var known = ports.Inputs.Select(i => i.Id.Value).ToHashSet(StringComparer.Ordinal);
        HashSet<string> seen = new(StringComparer.Ordinal);
        var collected = join.Collected.Where(c => Check(c, known, seen)).Select(c => c.Value).ToList();
        var members = join.Inputs is { } written
            ? written.Where(m => Check(m, known, seen)).Select(m => m.Value).ToList()
            : [.. ports.Inputs.Select(i => i.Id.Value).Where(i => !collected.Contains(i))];
        var found = seen.Count == join.Collected.Length + (join.Inputs?.Length ?? 0);
        ReportUseless();
        if (!CheckNeeds(ports, members) | !CheckStamp(out var stamp, out var parameter) | !CheckTrigger(members) || !found) return null;
        return new JoinSettings
        {
            Mode = _mode,
            Inputs = [.. members.Select(m => new DataId(m))],
            Collected = [.. collected.Select(c => new DataId(c))],
            Tolerance = _mode == JoinMode.Approximate ? join.Tolerance : null,
            Stamp = stamp,
            StampParameter = parameter,
            Timeout = MayTimeOut ? join.Timeout : null,
            OnTimeout = join.OnTimeout switch
            {
                "drop" => JoinTimeoutAction.Drop,
                "error" => JoinTimeoutAction.Error,
                _ => JoinTimeoutAction.Partial,
            },
            Trigger = _mode == JoinMode.Latest ? new DataId(join.Trigger?.Value ?? members[0]) : null,
            MaxAge = _mode == JoinMode.Latest ? join.MaxAge : null,
            WindowCount = _mode == JoinMode.Window ? join.WindowCount?.Value : null,
            WindowDuration = _mode == JoinMode.Window ? join.WindowDuration : null,
        };
    }

    private bool MayTimeOut => _mode is not (JoinMode.Any or JoinMode.Window);

    private bool NeedsTwo => _mode is not (JoinMode.Any or JoinMode.Window or JoinMode.Deterministic);

    /// <summary>Whether an input exists and has not been named before.</summary>
    private bool Check(Located<string> input, HashSet<string> known, HashSet<string> seen)
    {
        if (!known.Contains(input.Value))
            diagnostics.Error(
                "DF0140", input.Span,
                $"the join of {owner} names the input {Quoted.Text(input.Value)}, but there is none{diagnostics.DidYouMean(input.Value, known)}",
                fix: known.Count == 0 ? "add it to 'inputs'" : $"its inputs are {Quoted.OneOf([.. known])}");
        else if (!seen.Add(input.Value))
            diagnostics.Error("DF0140", input.Span, $"the join of {owner} names the input {Quoted.Text(input.Value)} twice", fix: "remove one of them");
        else
            return true;
        return false;
    }

    private bool CheckNeeds(PortsDescriptor ports, List<string> members)
    {
        if (members.Count < (NeedsTwo ? 2 : 1))
        {
            if (join.Inputs is not { } written || written.Length == members.Count) // otherwise they were reported
                diagnostics.Error(
                    "DF0141", (join.Mapping.Find("inputs")?.Key ?? join.Mapping.Find("mode")!.Key).Span,
                    $"the join of {owner} has {(members.Count == 0 ? "no input" : "one input")}, but {Quoted.Text(join.Mode)} needs {(NeedsTwo ? "at least two" : "one")}");
            return false;
        }

        if (_mode == JoinMode.Window && join.WindowCount is null && join.WindowDuration is null)
        {
            diagnostics.Error(
                "DF0141", join.Mapping.Find("mode")!.Key.Span,
                $"the join of {owner} does not say what ends a window",
                fix: "add 'window: {count: 10}', 'window: {duration: 100ms}' or both");
            return false;
        }

        var room = ports.Inputs.Where(i => members.Contains(i.Id.Value)).Sum(i => (long)Math.Max(1, i.QueueSize?.Value ?? 10));
        if (_mode == JoinMode.Window && join.WindowCount is { } count && count.Value > room)
        {
            diagnostics.Error(
                "DF0141", count.Span,
                $"a window of {count.Value} messages can't be filled: the queues of its members hold {room}",
                "A window ends early when a member's queue is full.",
                "give the members a larger 'queue_size'");
            return false;
        }

        if (join.OnTimeout is null || join.Timeout is not null || !MayTimeOut) return true;
        diagnostics.Error(
            "DF0141", join.Mapping.Find("on_timeout")!.Key.Span,
            $"the join of {owner} says what happens when time is up, but not when that is",
            fix: "add 'timeout: 100ms', or remove 'on_timeout'");
        return false;
    }

    private bool CheckStamp(out JoinStamp stamp, out string? parameter)
    {
        (stamp, parameter) = (JoinStamp.Source, null);
        if (join.Stamp is not { Value: not "source" } written) return true;
        if (written.Value == "arrival")
        {
            stamp = JoinStamp.Arrival;
            if (_mode is not (JoinMode.Exact or JoinMode.Deterministic)) return true;
            diagnostics.Error(
                "DF0142", written.Span,
                $"the join of {owner} can't be {Quoted.Text(join.Mode)} by the time of arrival",
                _mode == JoinMode.Exact ? "No two messages arrive at the same nanosecond." : "Its sets would depend on what came first, which is what this mode is there to avoid.",
                "write 'stamp: source' or 'stamp: param:<key>'");
            return false;
        }

        if (written.Value.StartsWith(StampParameterPrefix, StringComparison.Ordinal) && written.Value.Length > StampParameterPrefix.Length)
        {
            (stamp, parameter) = (JoinStamp.Parameter, written.Value[StampParameterPrefix.Length..]);
            if (System.Text.Encoding.UTF8.GetByteCount(parameter) <= MetadataLimits.KeyBytesMax) return true;
        }

        diagnostics.Error(
            "DF0142", written.Span,
            $"{Quoted.Text(written.Value)} is not a stamp",
            fix: "write 'source', 'arrival' or 'param:<key>', for example 'param:frame'");
        return false;
    }

    private bool CheckTrigger(List<string> members)
    {
        if (_mode != JoinMode.Latest || join.Trigger is not { } trigger || members.Contains(trigger.Value)) return true;
        diagnostics.Error(
            "DF0140", trigger.Span,
            $"the trigger {Quoted.Text(trigger.Value)} is no member of the join of {owner}{diagnostics.DidYouMean(trigger.Value, members)}");
        return false;
    }

    private void ReportUseless()
    {
        if (_mode != JoinMode.Approximate) Report("tolerance", "only 'approximate' tolerates a spread");
        if (_mode != JoinMode.Latest) Report("trigger", "only 'latest' has a trigger");
        if (_mode != JoinMode.Latest) Report("max_age", "only 'latest' uses a message again, while it is young enough");
        if (_mode != JoinMode.Window) Report("window", "only 'window' makes windows");
        if (MayTimeOut) return;
        Report("timeout", $"{Quoted.Text(join.Mode)} waits for no member");
        Report("on_timeout", $"{Quoted.Text(join.Mode)} waits for no member");

        void Report(string key, string why)
        {
            if (join.Mapping.Find(key) is { } entry)
                diagnostics.Warning("DF0130", entry.Key.Span, $"{Quoted.Text(key)} of the join of {owner} does nothing: {why}", fix: "remove it");
        }
    }
}
