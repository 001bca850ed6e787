// SPDX-License-Identifier: Apache-2.0

using System.Collections.Immutable;

namespace Dora.Dataflows.Types;

/// <summary>What is known of a type.</summary>
/// <param name="Urn">Its name without parameters.</param>
/// <param name="Arrow">Arrow type: <c>UInt8</c>, <c>Utf8</c>, <c>Struct</c>, …</param>
/// <param name="Fields">Of a struct; empty otherwise.</param>
internal sealed record TypeDefinition(string Urn, string Arrow, ImmutableArray<TypeField> Fields);

/// <param name="Name">Of the field.</param>
/// <param name="Type">Arrow type, short or full name of a type, or <c>List&lt;…&gt;</c> of one.</param>
internal sealed record TypeField(string Name, string Type);
