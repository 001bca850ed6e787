// SPDX-License-Identifier: Apache-2.0

namespace Dora.Storage;

/// <summary>A store cannot be opened, read or written; the message says which and why. Root of what this layer throws.</summary>
public class StorageException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>There is no room: the store has reached its bound, or the disk is full. Nothing was changed; deleting helps.</summary>
public sealed class StorageFullException(string message, Exception? inner = null) : StorageException(message, inner);

/// <summary>The file is not a store, or is damaged beyond use.</summary>
public sealed class StorageDamagedException(string message, Exception? inner = null) : StorageException(message, inner);
