// SPDX-License-Identifier: Apache-2.0

using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using Dora.CApi.Handles;
using Dora.Protocol.Messages;

namespace Dora.CApi.Arrow;

/// <summary>The type of an array as <c>struct ArrowSchema</c>. Copies everything; each struct of the tree can be moved on its own.</summary>
internal static unsafe class ArrowSchemaExport
{
    public static void Write(ArrowField field, CSchema* schema)
    {
        var children = field.Children.Count;
        var structs = children + (field.Dictionary is null ? 0 : 1);
        var block = (byte*)NativeMemory.AllocZeroed((nuint)((structs * sizeof(CSchema)) + (children * sizeof(void*)) + 1));

        // SAFETY: child structs, then pointers to them, as counted above; one byte more, so that it is never empty.
        var childStructs = (CSchema*)block;
        var childPointers = (CSchema**)(childStructs + structs);
        for (var i = 0; i < children; i++)
        {
            childPointers[i] = childStructs + i;
            Write(field.Children[i], childStructs + i);
        }

        if (field.Dictionary is { } dictionary)
            Write(dictionary, childStructs + children);
        *schema = new CSchema
        {
            Format = NativeText.Copy(field.Format).Data,
            Name = NativeText.Copy(field.Name).Data,
            Metadata = EncodeMetadata(field),
            Flags = field.Nullable ? CSchema.Nullable : 0,
            ChildCount = children,
            Children = children == 0 ? null : childPointers,
            Dictionary = field.Dictionary is null ? null : childStructs + children,
            Release = &ReleaseSchema,
            Private = block,
        };
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void ReleaseSchema(CSchema* schema)
    {
        // SAFETY: everything was made by Write for exactly this struct, wherever it was moved to.
        for (var i = 0L; i < schema->ChildCount; i++)
        {
            if (schema->Children[i]->Release != null)
                schema->Children[i]->Release(schema->Children[i]);
        }

        if (schema->Dictionary != null && schema->Dictionary->Release != null)
            schema->Dictionary->Release(schema->Dictionary);
        NativeMemory.Free(schema->Format);
        NativeMemory.Free(schema->Name);
        NativeMemory.Free(schema->Metadata);
        NativeMemory.Free(schema->Private);
        schema->Release = null;
    }

    /// <summary>int32 count, then for each pair: int32 length, key, int32 length, value; native byte order. Null: none.</summary>
    private static byte* EncodeMetadata(ArrowField field)
    {
        if (field.Metadata.Count == 0)
            return null;
        using var stream = new MemoryStream();
        using (var writer = new BinaryWriter(stream, Encoding.UTF8, leaveOpen: true))
        {
            writer.Write(field.Metadata.Count);
            foreach (var text in field.Metadata.SelectMany(pair => new[] { pair.Key, pair.Value }))
            {
                var bytes = Encoding.UTF8.GetBytes(text);
                writer.Write(bytes.Length);
                writer.Write(bytes);
            }
        }

        var encoded = stream.ToArray();
        var copy = (byte*)NativeMemory.Alloc((nuint)encoded.Length);
        encoded.CopyTo(new Span<byte>(copy, encoded.Length));
        return copy;
    }
}
