// SPDX-License-Identifier: Apache-2.0
// Metadata, Arrow, logging and draining in the form that dora's documentation shows for C++: sends to itself, and checks what comes.
#define DORA_RUST_NAMES
#include <dora-node-api.h>

#include <dora/arrow.h>

#include "check.hpp"

static rust::Box<Metadata> make_metadata()
{
    auto metadata = new_metadata();
    metadata->set_bool("bool", true);
    metadata->set_int("int", -7);
    metadata->set_float("float", 0.25);
    metadata->set_string("string", "dr\u00e4i");
    metadata->set_list_int("ints", {1, -2});
    metadata->set_list_float("floats", {0.5});
    metadata->set_list_string("strings", {"one", ""});
    metadata->set_timestamp("stamp", 1700000000123456789);
    return metadata;
}

static void check_metadata(const Metadata &metadata)
{
    CHECK(metadata.list_keys().size() == 8);
    CHECK(metadata.timestamp() > 1700000000000000000u);
    CHECK(metadata.get_bool("bool"));
    CHECK(metadata.get_int("int") == -7);
    CHECK(metadata.get_float("float") == 0.25);
    CHECK(metadata.get_str("string") == "dr\u00e4i");
    CHECK(metadata.get_list_int("ints") == (std::vector<std::int64_t>{1, -2}));
    CHECK(metadata.get_list_float("floats") == (std::vector<double>{0.5}));
    CHECK(metadata.get_list_string("strings").size() == 2);
    CHECK(metadata.get_timestamp("stamp") == 1700000000123456789);
    CHECK(metadata.type("bool") == MetadataValueType::Bool);
    CHECK(metadata.type("stamp") == MetadataValueType::Timestamp);
    try
    {
        metadata.get_int("nothing");
        CHECK(false);
    }
    catch (const std::out_of_range &)
    {
    }
}

// The core's form of the same: a queue that is full says so, and what could not be sent is released all the same.
static void arrow_array_without_waiting(dora::node &node)
{
    int sent = 0;
    ArrowArray array;
    ArrowSchema schema;
    dora::status status = dora::status::ok;
    CHECK(node.send("out", "some") == dora::status::ok);
    const dora::event some = node.next();
    while (status == dora::status::ok && sent < 1000)
    {
        some.arrow(array, schema);
        status = node.try_send_arrow("out", array, schema);
        CHECK(array.release == nullptr && schema.release == nullptr);
        sent += status == dora::status::ok;
    }
    CHECK(status == dora::status::back_pressured && sent == 10);
    for (int i = 0; i < sent; i++)
        CHECK(node.next().text() == "some");
}

int main()
{
    auto node = init_dora_node();
    const std::vector<std::uint8_t> bytes{1, 2, 3};
    CHECK(events_is_empty(node.events));
    CHECK(send_output_with_metadata(node.send_output, "out", rust::Slice<const std::uint8_t>(bytes.data(), bytes.size()), make_metadata()).error.empty());
    CHECK(!send_output_with_metadata(node.send_output, "undeclared", rust::Slice<const std::uint8_t>(), new_metadata()).error.empty());

    auto event = next_event(node.events);
    CHECK(event_type(event) == DoraEventType::Input);
    auto input = event_as_input_with_metadata(std::move(event));
    CHECK(input.id == "in" && input.data == bytes);
    check_metadata(*input.metadata);

    // What came, as an Arrow array; and sent again as such.
    CHECK(send_output(node.send_output, "out", rust::Slice<const std::uint8_t>(bytes.data(), bytes.size())).error.empty());
    ArrowArray array;
    ArrowSchema schema;
    auto plain = event_as_arrow_input_with_info(next_event(node.events), reinterpret_cast<uint8_t *>(&array), reinterpret_cast<uint8_t *>(&schema));
    CHECK(plain.error.empty() && plain.id == "in" && plain.metadata->list_keys().empty() && array.length == 3);
    CHECK(send_arrow_output(node.send_output, "out", reinterpret_cast<uint8_t *>(&array), reinterpret_cast<uint8_t *>(&schema), make_metadata()).error.empty());
    CHECK(array.release == nullptr && schema.release == nullptr);
    CHECK(!events_is_empty(node.events)); // a message to oneself is there at once
    auto drained = drain_events(node.events);
    CHECK(drained_events_len(drained) == 1);
    auto arrow = event_as_arrow_input_with_info(drained_events_next(drained), reinterpret_cast<uint8_t *>(&array), reinterpret_cast<uint8_t *>(&schema));
    CHECK(arrow.error.empty() && array.length == 3);
    check_metadata(*arrow.metadata);
    array.release(&array);
    schema.release(&schema);
    CHECK(event_type(drained_events_next(drained)) == DoraEventType::Empty);

    arrow_array_without_waiting(node.send_output->node());
    CHECK(node_config_json(node.send_output).find("\"out\"") != std::string::npos);
    CHECK(log_message(node.send_output, "warn", "all documented functions work").error.empty());
    CHECK(!log_message(node.send_output, "shout", "").error.empty());
    CHECK(close_outputs(node.send_output, {"out"}).error.empty());
    CHECK(event_type(next_event(node.events)) == DoraEventType::InputClosed);
    return 0;
}
