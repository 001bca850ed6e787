// SPDX-License-Identifier: Apache-2.0

using System.Text;

namespace Dora.Runtime.Host.Python;

/// <summary>The interpreter in this process: one for all Python operators, started with the first of them, never ended.</summary>
/// <remarks>
/// <para>Start: ask <c>python3</c> who it is; load its library for everybody to see; initialise without signal handlers, which are .NET's; make the
/// module <c>_dora_host</c>; import <c>lib/_dora_operators.py</c>; let the interpreter's lock go.</para>
/// <para>End: none. Ending an interpreter with numpy in it is not safe, and the process ends anyway.</para>
/// <para>Threads: <see cref="Start"/> once, on the runtime's thread; everything else by whoever holds <see cref="TakeLock"/>.</para>
/// </remarks>
internal static unsafe class PythonRuntime
{
    private const int LazyNo = 2;     // RTLD_NOW
    private const int Global = 0x100; // RTLD_GLOBAL

    private static bool s_isStarted;

    /// <summary>The module of lib/_dora_operators.py.</summary>
    private static nint s_operators;

    /// <summary>Starts the interpreter unless it runs.</summary>
    /// <exception cref="PythonMissingException">It cannot be had here; the message says what to do.</exception>
    /// <exception cref="PythonOperatorException">What is shipped with the runtime does not run in it.</exception>
    public static void Start()
    {
        if (s_isStarted)
            return;
        var python = PythonInstallation.Find();
        var library = PythonApi.DlOpen(python.Library, LazyNo | Global);
        if (library == 0)
            throw new PythonMissingException($"the library of '{python.Executable}' cannot be loaded: {TextOf(PythonApi.DlError())}");
        try
        {
            PythonApi.Bind(library);
        }
        catch (EntryPointNotFoundException e)
        {
            throw new PythonMissingException($"'{python.Library}' is not a Python that can be used here: {e.Message}");
        }

        _ = PythonApi.SetEnv("PYTHONEXECUTABLE", python.Executable, 1); // from which Python finds its files, a virtual environment's included
        PythonApi.InitializeEx(0);
        s_isStarted = true;
        try
        {
            Prepare();
        }
        finally
        {
            PythonApi.SaveThread();
        }
    }

    /// <summary>The interpreter's lock for the calling thread, until it is disposed.</summary>
    public static Lock TakeLock() => new(PythonApi.GilEnsure());

    /// <summary>Makes a Program of lib/_dora_operators.py. Owned by the caller.</summary>
    public static nint NewProgram(string operatorId, string path)
    {
        var type = Attribute(s_operators, "Program");
        var program = Call(type, operatorId, path);
        PythonApi.DecRef(type);
        return program != 0 ? program : throw TakeError("the operator's file cannot be looked at");
    }

    /// <summary>Calls with texts. Returns a new reference, or 0 with Python's error set.</summary>
    public static nint Call(nint function, params ReadOnlySpan<string> arguments)
    {
        var values = stackalloc nint[arguments.Length + 1];
        for (var i = 0; i < arguments.Length; i++)
            values[i] = Text(arguments[i]);
        var result = PythonApi.Vectorcall(function, values, (nuint)arguments.Length, 0);
        for (var i = 0; i < arguments.Length; i++)
            PythonApi.DecRef(values[i]);
        return result;
    }

    /// <summary>An attribute that is there. Owned by the caller.</summary>
    public static nint Attribute(nint owner, string name)
    {
        fixed (byte* utf8 = Encoding.UTF8.GetBytes(name + '\0'))
        {
            var value = PythonApi.GetAttr(owner, utf8);
            return value != 0 ? value : throw TakeError($"there is no '{name}'");
        }
    }

    /// <summary>Sets an attribute; takes the value over.</summary>
    public static void SetAttribute(nint owner, string name, nint value)
    {
        fixed (byte* utf8 = Encoding.UTF8.GetBytes(name + '\0'))
        {
            if (value == 0 || PythonApi.SetAttr(owner, utf8, value) < 0)
                throw TakeError($"'{name}' cannot be set");
        }

        PythonApi.DecRef(value);
    }

    /// <summary>A new Python text.</summary>
    public static nint Text(string text)
    {
        fixed (byte* utf8 = Encoding.UTF8.GetBytes(text))
        {
            byte nothing;
            return PythonApi.FromUtf8(utf8 == null ? &nothing : utf8, Encoding.UTF8.GetByteCount(text));
        }
    }

    /// <summary>A Python text as one of ours.</summary>
    /// <exception cref="ArgumentException">It cannot be written as UTF-8, or is none.</exception>
    public static string TextOf(nint text)
    {
        nint length;
        var utf8 = PythonApi.AsUtf8(text, &length);
        if (utf8 != null)
            return Encoding.UTF8.GetString(utf8, (int)length);
        PythonApi.ClearError();
        throw new ArgumentException("a text cannot be written as UTF-8: it holds half of a surrogate pair");
    }

    /// <summary>Whether an object is a text.</summary>
    public static bool IsText(nint value)
    {
        nint length;
        if (PythonApi.AsUtf8(value, &length) != null)
            return true;
        PythonApi.ClearError();
        return false;
    }

    /// <summary>Gives a reference back.</summary>
    public static void Release(nint value) => PythonApi.DecRef(value);

    /// <summary>What lib/_dora_operators.py answered about an error, its first line being the summary. Takes the text over.</summary>
    public static PythonOperatorException TakeExplanation(nint text)
    {
        var explanation = TextOf(text);
        PythonApi.DecRef(text);
        var end = explanation.IndexOf('\n', StringComparison.Ordinal);
        return end < 0 ? new(explanation, "") : new(explanation[..end], explanation[(end + 1)..]);
    }

    /// <summary>Ends the error that Python is in. Only for what does not happen: operators' errors are explained in Python.</summary>
    public static PythonOperatorException TakeError(string what)
    {
        if (PythonApi.ErrorOccurred() != 0)
            PythonApi.PrintError();
        return new PythonOperatorException($"{what}; Python's words about it are in the log", "");
    }

    private static void Prepare()
    {
        fixed (byte* host = "_dora_host\0"u8, operators = "_dora_operators\0"u8, path = "path\0"u8)
        {
            var module = PythonApi.AddModule(host);
            if (module == 0)
                throw TakeError("the module _dora_host cannot be made");
            PythonSending.AddTo(module);
            PythonState.AddTo(module);
            SetAttribute(module, "Payload", PythonPayload.CreateType());

            var folder = Text(Path.Combine(AppContext.BaseDirectory, "python"));
            _ = PythonApi.ListAppend(PythonApi.GetSys(path), folder); // last: an installed package 'dora' comes first
            PythonApi.DecRef(folder);
            s_operators = PythonApi.ImportModule(operators);
            if (s_operators == 0)
                throw TakeError("_dora_operators.py beside dora-runtime cannot be loaded");
        }

        PythonPayload.UseSubclass(Attribute(s_operators, "Bytes"));
        PythonMetadata.Prepare();
        var start = Attribute(s_operators, "start");
        var result = Call(start);
        if (result == 0)
            throw TakeError("Python cannot be prepared for operators");
        PythonApi.DecRef(result);
        PythonApi.DecRef(start);
    }

    private static string TextOf(byte* utf8) => System.Runtime.InteropServices.Marshal.PtrToStringUTF8((nint)utf8) ?? "";

    /// <summary>Held while Python is called.</summary>
    public readonly ref struct Lock(int state) : IDisposable
    {
        public void Dispose() => PythonApi.GilRelease(state);
    }
}
