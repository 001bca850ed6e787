// SPDX-License-Identifier: Apache-2.0

using Dora.Testing.PubSub;

namespace Dora.ConformanceTests;

public sealed class SocketPubSubTests() : PubSubContract(new SocketRig());
