// SPDX-License-Identifier: Apache-2.0
// The C++ node API in the form that dora's documentation shows: init_dora_node, events->next(), event_type, event_as_input,
// send_output. New programs are better off with dora/node.hpp, which has the same core and more.
//
// dora generates that form with the cxx crate, whose types are called rust::Slice, rust::String and so on. Here the same functions take
// and return small types of our own, with the member functions that such programs use. Define DORA_RUST_NAMES before including this
// header to have them under the names that cxx gives them. Not to be included beside dora/node_api.h: the documentation calls different
// things by the same name there.
#ifndef DORA_NODE_API_CXX_H
#define DORA_NODE_API_CXX_H

#include <cstdint>
#include <memory>

#include "dora/documented.hpp"
#include "dora/node.hpp"

enum class DoraEventType : std::uint8_t
{
    Stop,
    Input,
    InputClosed,
    Error,
    Unknown,
    AllInputsClosed,
    Empty,
    Timeout,
    NodeFailed,
    Reload
};

/// One event, or why there is none.
struct DoraEvent
{
    dora::event event;
    DoraEventType type = DoraEventType::AllInputsClosed;
};

struct DoraInput
{
    dora::documented::String id;
    dora::documented::Vec<std::uint8_t> data;
};

/// An empty error: success.
struct DoraResult
{
    dora::documented::String error;
};

struct DoraNodeFailed
{
    dora::documented::Vec<dora::documented::String> affected_input_ids;
    dora::documented::String error;
    dora::documented::String source_node_id;
};

/// Where outputs go.
class OutputSender
{
public:
    explicit OutputSender(std::shared_ptr<dora::node> node) noexcept : node_(std::move(node))
    {
    }

    dora::node &node() noexcept
    {
        return *node_;
    }

private:
    std::shared_ptr<dora::node> node_;
};

/// Where events come from.
class Events
{
public:
    explicit Events(std::shared_ptr<dora::node> node) noexcept : node_(std::move(node))
    {
    }

    /// Waits; of the type AllInputsClosed when there will be no more.
    dora::documented::Box<DoraEvent> next()
    {
        return wrap(node_->next(), DoraEventType::AllInputsClosed);
    }

    /// Of the type Timeout when nothing came.
    dora::documented::Box<DoraEvent> next_timeout(std::uint64_t milliseconds)
    {
        return wrap(node_->next(std::chrono::milliseconds(milliseconds)), DoraEventType::Timeout);
    }

    /// Of the type Empty when nothing is there.
    dora::documented::Box<DoraEvent> try_next()
    {
        return wrap(node_->try_next(), DoraEventType::Empty);
    }

private:
    dora::documented::Box<DoraEvent> wrap(dora::event received, DoraEventType none)
    {
        auto event = std::make_unique<DoraEvent>();
        event->type = received ? translate(received) : node_->has_ended() ? DoraEventType::AllInputsClosed : none;
        event->event = std::move(received);
        return event;
    }

    static DoraEventType translate(const dora::event &received)
    {
        switch (received.type())
        {
            case dora::event_type::stop: return received.id() == "ALL_INPUTS_CLOSED" ? DoraEventType::AllInputsClosed : DoraEventType::Stop;
            case dora::event_type::input: return DoraEventType::Input;
            case dora::event_type::input_closed: return DoraEventType::InputClosed;
            case dora::event_type::error: return DoraEventType::Error;
            case dora::event_type::node_failed: return DoraEventType::NodeFailed;
            case dora::event_type::reload: return DoraEventType::Reload;
            default: return DoraEventType::Unknown;
        }
    }

    std::shared_ptr<dora::node> node_;
};

struct DoraNode
{
    dora::documented::Box<Events> events;
    dora::documented::Box<OutputSender> send_output;
};

/// Joins the dataflow that started this process; throws dora::error.
inline DoraNode init_dora_node()
{
    auto node = std::make_shared<dora::node>(dora::node::from_env());
    return DoraNode{std::make_unique<Events>(node), std::make_unique<OutputSender>(node)};
}

inline dora::documented::Box<DoraEvent> next_event(dora::documented::Box<Events> &events)
{
    return events->next();
}

inline dora::documented::Box<DoraEvent> next_event_timeout(dora::documented::Box<Events> &events, std::uint64_t milliseconds)
{
    return events->next_timeout(milliseconds);
}

inline dora::documented::Box<DoraEvent> try_next_event(dora::documented::Box<Events> &events)
{
    return events->try_next();
}

inline DoraEventType event_type(const dora::documented::Box<DoraEvent> &event)
{
    return event->type;
}

/// The input, with a copy of its bytes; dora/node.hpp reads them in place. Throws for other events.
inline DoraInput event_as_input(dora::documented::Box<DoraEvent> event)
{
    const dora::bytes data = event->event.data();
    return DoraInput{dora::documented::String(event->event.id()), {data.begin(), data.end()}};
}

inline DoraNodeFailed event_as_node_failed(dora::documented::Box<DoraEvent> event)
{
    DoraNodeFailed failed;
    for (const std::string_view input : event->event.affected_inputs())
        failed.affected_input_ids.emplace_back(input);
    failed.error = dora::documented::String(event->event.message());
    failed.source_node_id = dora::documented::String(event->event.id());
    return failed;
}

/// Both structs are the caller's to release.
inline DoraResult event_as_arrow_input(dora::documented::Box<DoraEvent> event, std::uint8_t *array, std::uint8_t *schema)
{
    DoraResult result;
    if (dora_event_arrow(event->event.get(), reinterpret_cast<ArrowArray *>(array), reinterpret_cast<ArrowSchema *>(schema)) < 0)
        result.error = dora::documented::String(std::string(dora::last_error()));
    return result;
}

namespace dora
{
namespace documented
{
inline DoraResult outcome(dora_status status)
{
    if (status == DORA_OK)
        return DoraResult{};
    if (status < 0)
        return DoraResult{String(std::string(dora::last_error()))};
    return DoraResult{String(dora::category().message(status))};
}
} // namespace documented
} // namespace dora

inline DoraResult send_output(
    dora::documented::Box<OutputSender> &sender, const dora::documented::String &id, dora::documented::Slice<const std::uint8_t> data)
{
    return dora::documented::outcome(
        dora_node_send(sender->node().get(), id.data(), id.size(), data.data(), data.size(), nullptr));
}

/// Takes both structs over.
inline DoraResult send_arrow_output(
    dora::documented::Box<OutputSender> &sender, const dora::documented::String &id, std::uint8_t *array, std::uint8_t *schema)
{
    return dora::documented::outcome(dora_node_send_arrow(
        sender->node().get(),
        id.data(),
        id.size(),
        reinterpret_cast<ArrowArray *>(array),
        reinterpret_cast<ArrowSchema *>(schema),
        nullptr));
}

inline void close_outputs(dora::documented::Box<OutputSender> &sender)
{
    (void)sender->node().close_outputs();
}

#endif
