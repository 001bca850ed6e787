// SPDX-License-Identifier: Apache-2.0

using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Dora.Nodes.Hosting;

/// <summary>Makes a .NET host a node of the dataflow that started it.</summary>
public static class NodeHosting
{
    /// <summary>Joins the dataflow when the host starts, hands each event to a handler, and stops the host when the node has ended.</summary>
    /// <param name="services">The host's services.</param>
    /// <typeparam name="THandler">Made once, with services from the host.</typeparam>
    /// <returns><paramref name="services"/>.</returns>
    /// <remarks>
    /// <para>The host's start waits until all nodes of the dataflow are ready, and fails with a <see cref="NodeConnectionException"/> if dora did not start the process.</para>
    /// <para>Log records of the host go to the dataflow's log as well, with level, category and event id.</para>
    /// <para>End: the last event (Stop, or all inputs closed) stops the host; a host that is shut down otherwise (SIGTERM, an error elsewhere)
    /// lets the handler finish its event and leaves the dataflow in good order.</para>
    /// </remarks>
    /// <example>
    /// <code>
    /// var builder = Host.CreateApplicationBuilder(args);
    /// builder.Services.AddDoraNode&lt;Detector&gt;();
    /// await builder.Build().RunAsync();
    /// </code>
    /// </example>
    public static IServiceCollection AddDoraNode<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] THandler>(
        this IServiceCollection services)
        where THandler : class, INodeHandler
    {
        ArgumentNullException.ThrowIfNull(services);
        services.TryAddSingleton(new HostedNode());
        services.TryAddSingleton<INodeHandler, THandler>();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<ILoggerProvider, NodeLoggerProvider>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, NodeService>());
        return services;
    }
}
