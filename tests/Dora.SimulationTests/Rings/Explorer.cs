// SPDX-License-Identifier: Apache-2.0

using System.Text;

namespace Dora.SimulationTests.Rings;

/// <summary>Runs a scenario again and again, each time with another order of the steps of its threads, until it has run with all of them.</summary>
/// <remarks>
/// <para>Depth first with replay. Orders that differ only in steps which don't depend on each other are run once: dynamic partial-order reduction
/// (Flanagan and Godefroid, 2005) with sleep sets. What a load sees, where the memory order leaves a choice, is a choice like the others.</para>
/// <para>The threads of a scenario are threads, but only one runs at any time: whoever announces its next access picks who goes on, and does that
/// one's access in the model. A run ends well when all threads have ended; if all that are left sleep, a wake-up was lost.</para>
/// </remarks>
internal sealed partial class Explorer : IDisposable
{
    private const int StepsMax = 4000;

    private readonly MemoryModel _model;
    private readonly ModelThread[] _threads;
    private readonly ModelThread _setup;
    private readonly Worker[] _workers;
    private readonly SemaphoreSlim _isOver = new(0);
    private readonly List<(int Thread, Access Access, ulong Seen)> _trace = [];
    private readonly State[] _states;

    private IScenario _scenario = null!;
    private int _running; // threads that have not ended
    private string? _failure;
    private bool _isAbandoned; // what is left of the run only unwinds

    internal Explorer(MemoryOrder order, int threads, Mutation? mutation = null)
    {
        Mutation = mutation ?? Mutation.None;
        _model = new MemoryModel(order, threads + 1);
        _threads = [.. Enumerable.Range(0, threads).Select(i => new ModelThread(this, i))];
        _setup = new ModelThread(this, threads);
        _states = [.. _threads.Select(_ => new State(threads))];
        _workers = [.. _threads.Select(thread => new Worker(this, thread))];
    }

    internal Mutation Mutation { get; }

    internal Places Places { get; } = new();

    /// <summary>Whether orders that lead to nothing new are left out; off only to show that.</summary>
    internal bool ReducesOrders { get; init; } = true;

    /// <summary>When set, collects what the threads of each run have seen.</summary>
    internal HashSet<string>? Histories { get; init; }

    /// <summary>Runs that went to the end.</summary>
    internal int Runs { get; private set; }

    /// <summary>Runs that were found to be a known one in another order.</summary>
    internal int Redundant { get; private set; }

    /// <summary>Whether there is nothing left to run.</summary>
    internal bool IsComplete { get; private set; }

    /// <summary>Runs everything, or as much as asked for.</summary>
    /// <returns>What went wrong, with the steps that led there; null when nothing did.</returns>
    internal string? Explore(IScenario scenario, int runsMax = int.MaxValue)
    {
        _scenario = scenario;
        _nodes.Clear();
        do
        {
            RunOnce();
            if (_failure is not null)
                return Report($"run {Runs + Redundant}");
        }
        while (Runs + Redundant < runsMax && Advance());
        IsComplete = _nodes.Count == 0;
        return null;
    }

    /// <summary>Runs with random orders.</summary>
    internal string? ExploreAtRandom(IScenario scenario, int seed, int runs)
    {
        _scenario = scenario;
        for (var run = 0; run < runs; run++)
        {
            _random = new Random(seed + run);
            RunOnce();
            if (_failure is not null)
                return Report($"seed {seed + run}");
        }

        return null;
    }

    public void Dispose()
    {
        foreach (var worker in _workers)
            worker.Dispose();
        _isOver.Dispose();
    }

    /// <summary>Does one access of a thread, when it is its turn.</summary>
    internal Message Do(ModelThread thread, in Access access)
    {
        if (thread == _setup)
            return _model.Do(thread.Index, access, outcome: 0);
        if (_isAbandoned)
            throw new AbandonedException();
        var state = _states[thread.Index];
        state.Next = access;
        state.IsWaiting = true;
        PassOn(thread);
        return state.Seen;
    }

    private void RunOnce()
    {
        (_failure, _isAbandoned, _depth, _isRedundant) = (null, false, 0, false);
        _trace.Clear();
        _locks.Clear();
        Places.Forget();
        _model.Reset();
        _setup.Reset();
        ResetClocks();
        ModelThread.Current = _setup;
        var bodies = _scenario.SetUp(this);
        _model.Publish(_setup.Index);

        // Up to its first access each thread only does what nobody can see.
        _running = bodies.Length;
        _starting = true;
        for (var i = 0; i < bodies.Length; i++)
        {
            _threads[i].Reset();
            _states[i].Reset();
            _workers[i].Start(bodies[i]);
            _isOver.Wait();
        }

        _starting = false;
        if (_running > 0)
        {
            PassOn(from: null);
            _isOver.Wait();
        }

        ModelThread.Current = _setup;
        if (_failure is null)
            Check();
        Histories?.Add(string.Join('\n', _threads.Select(thread => string.Join(' ', _trace.Where(step => step.Thread == thread.Index)
            .Select(step => $"{step.Access.Kind} {step.Access.Place} {step.Access.Value} {step.Seen};")))));
        _scenario.TearDown();
        if (_isRedundant)
            Redundant++;
        else
            Runs++;
    }

    private void Check()
    {
        try
        {
            _scenario.Check();
        }
        catch (Exception e)
        {
            _failure = e.Message;
        }
    }

    /// <summary>Lets the thread that is next do its access. Returns when it is the turn of <paramref name="from"/>.</summary>
    private void PassOn(ModelThread? from)
    {
        if (_starting)
        {
            _isOver.Release();
            if (from is not null)
                _workers[from.Index].WaitForTurn(this);
            return;
        }

        var next = TryPick(from);
        if (next is null)
        {
            if (_running > 0 && _failure is null)
                Fail("these sleep for ever: " + string.Join(", ", _threads.Where(t => _states[t.Index].IsWaiting).Select(Describe)));
            if (_running == 0)
                _isOver.Release();
            else
                UnwindNext(from);
        }
        else if (next != from)
        {
            _workers[next.Index].Wake();
        }
        else
        {
            return;
        }

        if (from is not null)
            _workers[from.Index].WaitForTurn(this);
    }

    private ModelThread? TryPick(ModelThread? from)
    {
        try
        {
            return Pick(from);
        }
        catch (Exception e)
        {
            Fail($"the explorer is broken: {e}"); // but its threads must end all the same
            return null;
        }
    }

    private string Describe(ModelThread thread) => $"{_scenario.Names[thread.Index]} on {Places.NameOf(_states[thread.Index].Next.Place)}";

    private void Fail(string reason)
    {
        _failure ??= reason;
        _isAbandoned = true;
    }

    /// <summary>After a failure: threads unwind one after the other.</summary>
    private void UnwindNext(ModelThread? from)
    {
        foreach (var thread in _threads)
        {
            if (thread != from && _states[thread.Index].IsWaiting)
            {
                _workers[thread.Index].Wake();
                return;
            }
        }

        if (from is not null)
            _workers[from.Index].Wake(); // the last: itself
    }

    /// <summary>A thread's body has ended, well or not.</summary>
    private void Ended(ModelThread thread, Exception? failure)
    {
        _states[thread.Index].IsWaiting = false;
        _states[thread.Index].HasEnded = true;
        _running--;
        if (failure is not null and not AbandonedException)
            Fail($"{_scenario.Names[thread.Index]}: {failure.Message}");
        if (_starting)
            _isOver.Release();
        else if (_running == 0)
            _isOver.Release();
        else if (_isAbandoned)
            UnwindNext(from: null);
        else
            PassOn(from: null);
    }

    private string Report(string which)
    {
        var text = new StringBuilder().AppendLine($"{_failure} ({which}, {_trace.Count} steps):");
        foreach (var (thread, access, seen) in _trace.TakeLast(120))
        {
            var value = access.Kind is AccessKind.Read or AccessKind.Exchange or AccessKind.Sleep ? $" sees {seen}" : "";
            var stored = access.Kind is AccessKind.Write or AccessKind.Exchange ? $" := {access.Value}" : "";
            text.AppendLine($"  {_scenario.Names[thread],-12} {access.Kind,-9} {Places.NameOf(access.Place)}{stored}{value}{(access.IsOrdered ? "" : " (plain)")}");
        }

        return text.ToString();
    }

    private sealed class AbandonedException : Exception;

    /// <summary>What the explorer knows of a thread.</summary>
    private sealed class State(int threads)
    {
        internal Access Next;
        internal bool IsWaiting;  // with Next to be done
        internal bool IsAsleep;   // in a futex wait
        internal bool HasEnded;
        internal Message Seen = null!;
        internal readonly int[] Clock = new int[threads]; // for each thread, how many of its steps happened before

        internal void Reset()
        {
            (IsWaiting, IsAsleep, HasEnded) = (false, false, false);
            Array.Clear(Clock);
        }
    }

    /// <summary>The real thread under a thread of the scenario; goes from run to run.</summary>
    private sealed class Worker : IDisposable
    {
        private readonly SemaphoreSlim _turn = new(0);
        private readonly Thread _thread;
        private Action? _body;

        internal Worker(Explorer explorer, ModelThread thread)
        {
            _thread = new Thread(() => Run(explorer, thread)) { IsBackground = true, Name = $"model-{thread.Index}" };
            _thread.Start();
        }

        internal void Start(Action body)
        {
            _body = body;
            _turn.Release();
        }

        internal void Wake() => _turn.Release();

        internal void WaitForTurn(Explorer explorer)
        {
            _turn.Wait();
            if (explorer._isAbandoned)
                throw new AbandonedException();
        }

        public void Dispose()
        {
            _body = null;
            _turn.Release();
            _thread.Join();
            _turn.Dispose();
        }

        private void Run(Explorer explorer, ModelThread thread)
        {
            ModelThread.Current = thread;
            while (true)
            {
                _turn.Wait();
                if (_body is not { } body)
                    return;
                Exception? failure = null;
                try
                {
                    body();
                }
                catch (Exception e)
                {
                    failure = e;
                }

                explorer.Ended(thread, failure);
            }
        }
    }
}

/// <summary>Some threads over fresh memory, and what must hold.</summary>
internal interface IScenario
{
    /// <summary>Of its threads.</summary>
    string[] Names { get; }

    /// <summary>Makes fresh memory and objects; may use the memory.</summary>
    Action[] SetUp(Explorer explorer);

    /// <summary>After all threads have ended; may use the memory. Throws when something is wrong.</summary>
    void Check();

    /// <summary>Whatever happened.</summary>
    void TearDown();
}
