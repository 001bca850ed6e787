// SPDX-License-Identifier: Apache-2.0

using Dora.Dataflows.Diagnostics;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace Dora.Dataflows.Yaml;

/// <summary>Builds the tree of one document from parser events, without recursion and within <see cref="YamlLimits"/>.</summary>
/// <remarks>
/// YamlDotNet's own tree overflows the stack on deep input and lets alias bombs through, both of which end the process; it also
/// drops positions that we need. Its scanner and parser are sound, and they are all that is used here.
/// </remarks>
internal sealed class YamlReader
{
    private readonly SourceText _source;
    private readonly DiagnosticBag _diagnostics;
    private readonly Stack<OpenCollection> _open = new();
    private readonly Dictionary<string, Anchored> _anchors = new(StringComparer.Ordinal);
    private YamlNode? _root;
    private SourceSpan _last;
    private int _values;

    private YamlReader(SourceText source, DiagnosticBag diagnostics) => (_source, _diagnostics, _last) = (source, diagnostics, source.Start);

    /// <param name="source">The file.</param>
    /// <param name="diagnostics">Where to report.</param>
    /// <param name="root">The document's root; null when there is no document.</param>
    /// <returns>False when it could not be read, which has then been reported.</returns>
    public static bool TryRead(SourceText source, DiagnosticBag diagnostics, out YamlNode? root)
    {
        YamlReader reader = new(source, diagnostics);
        bool read = reader.Read();
        root = read ? reader._root : null;
        return read;
    }

    private bool Read()
    {
        try
        {
            return ReadEvents();
        }
        catch (YamlException e)
        {
            SyntaxMessage.Report(SpanAt(e.Start, e.Start), e.Message, OpenBracket(), _diagnostics);
            return false;
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException or IndexOutOfRangeException or FormatException)
        {
            // The parser's own slips on malformed input, which say nothing; they happen after what was read last.
            SyntaxMessage.Report(_last, "", OpenBracket(), _diagnostics);
            return false;
        }
    }

    private bool ReadEvents()
    {
        Parser parser = new(new Scanner(new StringReader(_source.Text), skipComments: true));
        int documents = 0;
        while (parser.MoveNext())
        {
            var current = parser.Current!;
            _last = SpanAt(current.Start, current.End);
            bool goOn = current switch
            {
                DocumentStart when ++documents > 1 => Fail(
                    "DF0009", current,
                    "a second document starts here",
                    "A file holds one dataflow.",
                    "remove the '---' line and what follows, or put it into a file of its own"),
                YamlDotNet.Core.Events.Scalar scalar => OnScalar(scalar),
                SequenceStart or MappingStart => Open((NodeEvent)current),
                SequenceEnd or MappingEnd => Close(),
                AnchorAlias alias => OnAlias(alias),
                _ => true,
            };
            if (!goOn) return false;
        }

        return true;
    }

    private bool OnScalar(YamlDotNet.Core.Events.Scalar scalar)
    {
        bool isText = scalar.Style != ScalarStyle.Plain;
        if (!scalar.Tag.IsEmpty && !scalar.Tag.IsNonSpecific)
        {
            if (scalar.Tag.Value == "tag:yaml.org,2002:str") isText = true;
            else ReportTag(scalar);
        }

        string text = scalar.Value;
        if (text.Contains('\0', StringComparison.Ordinal))
        {
            // Neither paths nor arguments nor environment values can hold one; below nobody needs to think of it.
            _diagnostics.Error("DF0103", SpanAt(scalar.Start, scalar.End), "the text holds a NUL character");
            text = text.Replace('\0', '\uFFFD');
        }

        YamlScalar node = new(SpanAt(scalar.Start, scalar.End), text, !isText);
        Remember(scalar, node, weight: 1, height: 0);
        return Count(1, scalar) && Add(node, height: 0);
    }

    private bool Open(NodeEvent start)
    {
        if (_open.Count >= YamlLimits.MaxDepth) return TooDeep(start);
        if (!start.Tag.IsEmpty && !start.Tag.IsNonSpecific && start.Tag.Value is not ("tag:yaml.org,2002:map" or "tag:yaml.org,2002:seq")) ReportTag(start);
        if (!Count(1, start)) return false;
        string? anchor = start.Anchor.IsEmpty ? null : start.Anchor.Value;
        if (anchor is not null) _anchors[anchor] = default; // an alias to it inside of it is a loop
        bool isFlow = start is MappingStart { Style: MappingStyle.Flow } or SequenceStart { Style: SequenceStyle.Flow };
        _open.Push(new OpenCollection(start is MappingStart, isFlow, SpanAt(start.Start, start.Start), anchor, _values));
        return true;
    }

    private bool Close()
    {
        var done = _open.Pop();
        YamlNode node = done.IsMapping
            ? new YamlMapping(done.Span, MappingEntries.Build(done.Items, _diagnostics))
            : new YamlSequence(done.Span, done.Items);
        if (done.Anchor is not null) _anchors[done.Anchor] = new Anchored(node, _values - done.ValuesBefore + 1, done.Height + 1);
        return Add(node, done.Height + 1);
    }

    private bool OnAlias(AnchorAlias alias)
    {
        if (!_anchors.TryGetValue(alias.Value.Value, out var anchored))
        {
            string didYouMean = _diagnostics.DidYouMean(alias.Value.Value, _anchors.Keys);
            return Fail("DF0007", alias, $"the alias '*{alias.Value.Value}' has no anchor '&{alias.Value.Value}' before it{didYouMean}");
        }

        if (anchored.Node is null)
            return Fail("DF0008", alias, $"the alias '*{alias.Value.Value}' stands inside the value that it stands for", "It would contain itself without end.");
        if (_open.Count + anchored.Height > YamlLimits.MaxDepth) return TooDeep(alias);
        return Count(anchored.Weight, alias) && Add(anchored.Node, anchored.Height);
    }

    private bool Add(YamlNode node, int height)
    {
        if (_open.Count == 0)
        {
            _root ??= node;
            return true;
        }

        var parent = _open.Peek();
        parent.Items.Add(node);
        parent.Height = Math.Max(parent.Height, height);
        return true;
    }

    private void Remember(NodeEvent e, YamlNode node, int weight, int height)
    {
        if (!e.Anchor.IsEmpty) _anchors[e.Anchor.Value] = new Anchored(node, weight, height);
    }

    private bool Count(int weight, ParsingEvent at)
    {
        _values += weight;
        if (_values <= YamlLimits.MaxValues) return true;
        return Fail(
            "DF0006", at,
            $"the file holds more than {YamlLimits.MaxValues:N0} values, aliases written out",
            "Aliases to aliases grow without bound; the limit keeps a small file from filling the memory.",
            "use fewer aliases, or several dataflows");
    }

    private bool TooDeep(ParsingEvent at) =>
        Fail(
            "DF0005", at,
            $"lists and mappings are nested more than {YamlLimits.MaxDepth} deep",
            "No key of a dataflow needs that.",
            "look for a missing line end or a stray '[' or '{'");

    private bool Fail(string code, ParsingEvent at, string message, string? cause = null, string? fix = null)
    {
        _diagnostics.Error(code, SpanAt(at.Start, at.End), message, cause, fix);
        return false;
    }

    private SourceSpan? OpenBracket() => _open.TryPeek(out var innermost) && innermost.IsFlow ? innermost.Span : null;

    private void ReportTag(NodeEvent node) =>
        _diagnostics.Error(
            "DF0012", SpanAt(node.Start, node.Start),
            $"the tag {Quoted.Text(node.Tag.Value)} is not used in dataflows",
            fix: "remove it; quote a value that shall be text");

    private SourceSpan SpanAt(Mark start, Mark end)
    {
        int line = (int)Math.Clamp(start.Line, 1, int.MaxValue);
        int column = (int)Math.Clamp(start.Column, 1, int.MaxValue);
        int endColumn = end.Line == start.Line ? (int)Math.Clamp(end.Column, column + 1L, int.MaxValue) : column + 1;
        return new SourceSpan(_source, line, column, endColumn);
    }

    /// <summary>A node that aliases may stand for; no node while it is still open.</summary>
    private readonly record struct Anchored(YamlNode? Node, int Weight, int Height);

    private sealed class OpenCollection(bool isMapping, bool isFlow, SourceSpan span, string? anchor, int valuesBefore)
    {
        public bool IsMapping { get; } = isMapping;

        /// <summary>Written in brackets.</summary>
        public bool IsFlow { get; } = isFlow;

        public SourceSpan Span { get; } = span;
        public string? Anchor { get; } = anchor;

        /// <summary>Count of values after this collection itself was counted.</summary>
        public int ValuesBefore { get; } = valuesBefore;

        /// <summary>In a mapping keys and values in turn.</summary>
        public List<YamlNode> Items { get; } = [];

        /// <summary>Of the highest item.</summary>
        public int Height { get; set; }
    }
}
