// SPDX-License-Identifier: Apache-2.0

// The rings over real memory: what everything but the tests of the rings themselves means by these names.
global using EdgeReceiver = Dora.SharedMemory.EdgeReceiver<Dora.SharedMemory.ProcessorMemory>;
global using EdgeSender = Dora.SharedMemory.EdgeSender<Dora.SharedMemory.ProcessorMemory>;
global using MappedDoorbell = Dora.SharedMemory.MappedDoorbell<Dora.SharedMemory.ProcessorMemory>;
global using SpaceWait = Dora.SharedMemory.SpaceWait<Dora.SharedMemory.ProcessorMemory>;
