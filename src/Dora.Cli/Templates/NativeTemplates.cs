// SPDX-License-Identifier: Apache-2.0

using Dora.Cli.Commands;

namespace Dora.Cli.Templates;

/// <summary>What <c>dora new</c> writes in C and C++: the same dataflow as in C#, with the lines that build it.</summary>
internal static class NativeTemplates
{
    /// <summary>The files of a dataflow.</summary>
    /// <param name="language"><c>c</c> or <c>cpp</c>.</param>
    /// <param name="sdk">Shell words that print where dora's headers and library are; they are built there if need be.</param>
    public static IEnumerable<(string Name, string Text)> Dataflow(string language, string sdk) =>
    [
        ("dataflow.yml", Yaml(language, sdk)),
        ($"source.{language}", language == "c" ? CSource : CppSource),
        ($"doubler.{language}", Operator(language, "doubler")),
        ($"sink.{language}", language == "c" ? CSink : CppSink),
    ];

    /// <summary>A node that belongs to no dataflow yet.</summary>
    public static string Node(string language, string name, string sdk) => $"""
        // In a dataflow:
        //   - id: {name}
        //     path: build/{name}
        //     build: {Build(language, name, sdk, isOperator: false)}
        //     inputs:
        //       tick: dora/timer/millis/100
        //     outputs:
        //       - number
        {(language == "c" ? CSource : CppSource)}
        """;

    /// <summary>An operator that belongs to no dataflow yet.</summary>
    public static string Operator(string language, string name, string sdk) => $"""
        // In a dataflow:
        //   - id: runtime
        //     operators:
        //       - id: {name}
        //         shared-library: build/{name}
        //         build: {Build(language, name, sdk, isOperator: true)}
        //         inputs:
        //           number: source/number
        //         outputs:
        //           - doubled
        {Operator(language, name)}
        """;

    private static string Build(string language, string name, string sdk, bool isOperator)
    {
        var compiler = language == "c" ? "cc" : "c++ -std=c++17";
        var package = $"$(PKG_CONFIG_PATH=$({sdk})/lib/pkgconfig pkg-config --cflags{(isOperator ? "" : " --libs")} dora)";
        return isOperator
            ? $"mkdir -p build && {compiler} -O2 -Wall -shared -fPIC {name}.{language} -o build/lib{name}.so {package}"
            : $"mkdir -p build && {compiler} -O2 -Wall {name}.{language} -o build/{name} {package}";
    }

    private static string Yaml(string language, string sdk) => $"""
        # yaml-language-server: $schema=dataflow.schema.json
        # Build it with:  dora build dataflow.yml      Start it with:  dora run dataflow.yml
        nodes:
          - id: source
            path: build/source
            build: {Build(language, "source", sdk, isOperator: false)}
            inputs:
              tick: dora/timer/millis/100
            outputs:
              - number

          - id: operators
            operators:
              - id: doubler
                shared-library: build/doubler
                build: {Build(language, "doubler", sdk, isOperator: true)}
                inputs:
                  number: source/number
                outputs:
                  - doubled

          - id: sink
            path: build/sink
            build: {Build(language, "sink", sdk, isOperator: false)}
            inputs:
              doubled: operators/doubler/doubled

        """;

    private const string CSource = """
        // Sends a number at each tick, and ends after fifty; what reads from it then ends too.
        #include <stdio.h>
        #include <dora/dora.h>

        int main(void)
        {
            dora_node_t *node;
            dora_event_t *event;
            if (dora_node_init(&node) != DORA_OK)
            {
                fprintf(stderr, "%s\n", dora_last_error());
                return 1;
            }

            int sent = 0;
            while (sent < 50 && dora_node_next_event(node, DORA_FOREVER, &event) == DORA_OK)
            {
                if (dora_event_type(event) == DORA_EVENT_INPUT)
                {
                    dora_node_send(node, "number", 6, &sent, sizeof sent, NULL);
                    sent++;
                }
                dora_event_free(event);
            }
            dora_node_free(node);
            return 0;
        }

        """;

    private const string CSink = """
        // Prints what it receives, until all its inputs are closed.
        #include <stdio.h>
        #include <string.h>
        #include <dora/dora.h>

        int main(void)
        {
            dora_node_t *node;
            dora_event_t *event;
            if (dora_node_init(&node) != DORA_OK)
            {
                fprintf(stderr, "%s\n", dora_last_error());
                return 1;
            }

            while (dora_node_next_event(node, DORA_FOREVER, &event) == DORA_OK)
            {
                const uint8_t *data;
                size_t length;
                int number;
                if (dora_event_type(event) == DORA_EVENT_INPUT && dora_event_data(event, &data, &length) == DORA_OK && length == sizeof number)
                {
                    memcpy(&number, data, sizeof number);
                    printf("received %d\n", number);
                }
                dora_event_free(event);
            }
            dora_node_free(node);
            return 0;
        }

        """;

    private const string CppSource = """
        // Sends a number at each tick, and ends after fifty; what reads from it then ends too.
        #include <dora/node.hpp>

        int main()
        {
            dora::node node = dora::node::from_env();
            int sent = 0;
            while (sent < 50)
            {
                dora::event event = node.next();
                if (!event)
                    break;
                if (!event.is_input())
                    continue;
                const int number[] = {sent++};
                node.send("number", dora::as_bytes(number));
            }
        }

        """;

    private const string CppSink = """
        // Prints what it receives, until all its inputs are closed.
        #include <iostream>
        #include <dora/node.hpp>

        int main()
        {
            dora::node node = dora::node::from_env();
            for (dora::event event : node.events())
            {
                if (event.is_input("doubled"))
                    std::cout << "received " << event.values<int>()[0] << std::endl;
            }
        }

        """;

    private static string Operator(string language, string name) => language == "c"
        ? """
        // Doubles numbers.
        #include <string.h>
        #include <dora/operator_api.h>

        DoraInitResult_t dora_init_operator(void)
        {
            DoraInitResult_t result = {.operator_context = NULL}; // what each call shall get
            return result;
        }

        DoraResult_t dora_drop_operator(void *operator_context)
        {
            DoraResult_t result = {NULL};
            (void)operator_context;
            return result;
        }

        OnEventResult_t dora_on_event(const RawEvent_t *event, const SendOutput_t *send_output, void *operator_context)
        {
            OnEventResult_t result = {.status = DORA_STATUS_CONTINUE};
            int number;
            (void)operator_context;
            if (event->input != NULL && event->input->data.len == sizeof number)
            {
                memcpy(&number, event->input->data.ptr, sizeof number);
                number *= 2;
                result.result = dora_send_operator_output(send_output, "doubled", (const uint8_t *)&number, sizeof number);
            }
            return result;
        }

        """
        : $$"""
        // Doubles numbers.
        #include <dora/operator.hpp>

        struct {{NewCommand.ClassName(name)}} : dora::operator_base
        {
            dora::op_result on_input(const dora::op_input &input, dora::op_sender &sender) override
            {
                const int doubled[] = {2 * input.values<int>()[0]};
                sender.send("doubled", dora::as_bytes(doubled));
                return dora::op_status::proceed;
            }
        };

        DORA_REGISTER_OPERATOR({{NewCommand.ClassName(name)}})

        """;
}
