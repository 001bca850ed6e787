// SPDX-License-Identifier: Apache-2.0

namespace Dora.IntegrationTests.Languages;

/// <summary>Tests that compile programs in other languages and run them; one after the other.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class LanguageCollection
{
    public const string Name = "languages";
}
