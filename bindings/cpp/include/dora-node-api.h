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

#include <chrono>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <stdexcept>

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

enum class MetadataValueType : std::uint8_t
{
    Bool,
    Integer,
    Float,
    String,
    ListInt,
    ListFloat,
    ListString,
    Timestamp
};

/// Parameters of a message. The getters throw when there is no parameter of this name, or it is of another type.
class Metadata
{
public:
    Metadata() = default;

    explicit Metadata(dora::metadata parameters, std::uint64_t timestamp = 0) noexcept
        : parameters_(std::move(parameters)), timestamp_(timestamp)
    {
    }

    const dora::metadata &get() const noexcept
    {
        return parameters_;
    }

    /// When the message was sent: nanoseconds since 1970 UTC by the sender's hybrid logical clock; 0 for one to be sent.
    std::uint64_t timestamp() const noexcept
    {
        return timestamp_;
    }

    bool get_bool(dora::documented::Str key) const
    {
        return expect<bool>(key);
    }

    std::int64_t get_int(dora::documented::Str key) const
    {
        return expect<std::int64_t>(key);
    }

    double get_float(dora::documented::Str key) const
    {
        return expect<double>(key);
    }

    dora::documented::String get_str(dora::documented::Str key) const
    {
        return expect<std::string>(key);
    }

    dora::documented::Vec<std::int64_t> get_list_int(dora::documented::Str key) const
    {
        return expect<std::vector<std::int64_t>>(key);
    }

    dora::documented::Vec<double> get_list_float(dora::documented::Str key) const
    {
        return expect<std::vector<double>>(key);
    }

    dora::documented::Vec<dora::documented::String> get_list_string(dora::documented::Str key) const
    {
        dora::documented::Vec<dora::documented::String> values;
        for (std::string &value : expect<std::vector<std::string>>(key))
            values.emplace_back(std::move(value));
        return values;
    }

    /// Nanoseconds since 1970 UTC.
    std::int64_t get_timestamp(dora::documented::Str key) const
    {
        return expect<dora::time_point>(key).time_since_epoch().count();
    }

    MetadataValueType type(dora::documented::Str key) const
    {
        const dora::parameter_kind kind = parameters_.kind(key);
        if (kind == dora::parameter_kind::none)
            throw std::out_of_range("there is no parameter '" + std::string(key) + "'");
        return static_cast<MetadataValueType>(static_cast<int>(kind) - 1); // both have dora's order
    }

    dora::documented::Vec<dora::documented::String> list_keys() const
    {
        dora::documented::Vec<dora::documented::String> keys;
        for (std::string &key : parameters_.keys())
            keys.emplace_back(std::move(key));
        return keys;
    }

    void set_bool(dora::documented::Str key, bool value)
    {
        parameters_.set(key, value);
    }

    void set_int(dora::documented::Str key, std::int64_t value)
    {
        parameters_.set(key, value);
    }

    void set_float(dora::documented::Str key, double value)
    {
        parameters_.set(key, value);
    }

    void set_string(dora::documented::Str key, dora::documented::String value)
    {
        parameters_.set(key, value);
    }

    void set_list_int(dora::documented::Str key, dora::documented::Vec<std::int64_t> value)
    {
        parameters_.set(key, value);
    }

    void set_list_float(dora::documented::Str key, dora::documented::Vec<double> value)
    {
        parameters_.set(key, value);
    }

    void set_list_string(dora::documented::Str key, dora::documented::Vec<dora::documented::String> value)
    {
        parameters_.set(key, value);
    }

    void set_timestamp(dora::documented::Str key, std::int64_t unix_ns)
    {
        parameters_.set(key, dora::time_point(std::chrono::nanoseconds(unix_ns)));
    }

private:
    template <class T>
    T expect(dora::documented::Str key) const
    {
        std::optional<T> value = parameters_.get<T>(key);
        if (!value)
            throw std::out_of_range("there is no parameter '" + std::string(key) + "' of this type");
        return std::move(*value);
    }

    dora::metadata parameters_;
    std::uint64_t timestamp_ = 0;
};

inline dora::documented::Box<Metadata> new_metadata()
{
    return std::make_unique<Metadata>();
}

struct DoraInputWithMetadata
{
    dora::documented::String id;
    dora::documented::Vec<std::uint8_t> data;
    dora::documented::Box<Metadata> metadata;
};

struct ArrowInputInfo
{
    dora::documented::String id;
    dora::documented::Box<Metadata> metadata;
    dora::documented::String error; ///< empty: success
};

/// Where outputs go.
class OutputSender
{
public:
    explicit OutputSender(std::shared_ptr<dora::node> node) noexcept : node_(std::move(node))
    {
    }

    dora::node &node() const noexcept
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
        return kept_.empty() ? wrap(node_->next(), DoraEventType::AllInputsClosed) : take();
    }

    /// Of the type Timeout when nothing came.
    dora::documented::Box<DoraEvent> next_timeout(std::uint64_t milliseconds)
    {
        return kept_.empty() ? wrap(node_->next(std::chrono::milliseconds(milliseconds)), DoraEventType::Timeout) : take();
    }

    /// Of the type Empty when nothing is there.
    dora::documented::Box<DoraEvent> try_next()
    {
        return kept_.empty() ? wrap(node_->try_next(), DoraEventType::Empty) : take();
    }

    /// Whether nothing has come yet. What has is kept for the next call.
    bool is_empty()
    {
        if (kept_.empty())
        {
            auto event = try_next();
            if (event->type != DoraEventType::Empty)
                kept_.push_back(std::move(event));
        }
        return kept_.empty();
    }

private:
    dora::documented::Box<DoraEvent> take()
    {
        auto event = std::move(kept_.front());
        kept_.pop_front();
        return event;
    }

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
    std::deque<dora::documented::Box<DoraEvent>> kept_;
};

/// Events that had come at one moment.
class DrainedEvents
{
public:
    explicit DrainedEvents(Events &events)
    {
        for (auto event = events.try_next(); event->type != DoraEventType::Empty && event->event; event = events.try_next())
            events_.push_back(std::move(event));
    }

    std::size_t length() const noexcept
    {
        return events_.size();
    }

    /// Of the type Empty when all were taken.
    dora::documented::Box<DoraEvent> next()
    {
        if (events_.empty())
        {
            auto none = std::make_unique<DoraEvent>();
            none->type = DoraEventType::Empty;
            return none;
        }
        auto event = std::move(events_.front());
        events_.pop_front();
        return event;
    }

private:
    std::deque<dora::documented::Box<DoraEvent>> events_;
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

inline bool events_is_empty(dora::documented::Box<Events> &events)
{
    return events->is_empty();
}

inline dora::documented::Box<DrainedEvents> drain_events(dora::documented::Box<Events> &events)
{
    return std::make_unique<DrainedEvents>(*events);
}

inline std::size_t drained_events_len(const dora::documented::Box<DrainedEvents> &drained)
{
    return drained->length();
}

inline dora::documented::Box<DoraEvent> drained_events_next(dora::documented::Box<DrainedEvents> &drained)
{
    return drained->next();
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

namespace dora
{
namespace documented
{
inline Box<Metadata> metadata_of(const dora::event &event)
{
    return std::make_unique<Metadata>(event.parameters(), static_cast<std::uint64_t>(event.timestamp().time_since_epoch().count()));
}
} // namespace documented
} // namespace dora

/// The same with the parameters that came with it.
inline DoraInputWithMetadata event_as_input_with_metadata(dora::documented::Box<DoraEvent> event)
{
    const dora::bytes data = event->event.data();
    return DoraInputWithMetadata{
        dora::documented::String(event->event.id()), {data.begin(), data.end()}, dora::documented::metadata_of(event->event)};
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

/// The same with the input's name and the parameters that came with it.
inline ArrowInputInfo event_as_arrow_input_with_info(dora::documented::Box<DoraEvent> event, std::uint8_t *array, std::uint8_t *schema)
{
    ArrowInputInfo info;
    if (dora_event_arrow(event->event.get(), reinterpret_cast<ArrowArray *>(array), reinterpret_cast<ArrowSchema *>(schema)) < 0)
    {
        info.error = dora::documented::String(std::string(dora::last_error()));
        return info;
    }
    info.id = dora::documented::String(event->event.id());
    info.metadata = dora::documented::metadata_of(event->event);
    return info;
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

inline DoraResult send_output_with_metadata(
    dora::documented::Box<OutputSender> &sender, const dora::documented::String &id, dora::documented::Slice<const std::uint8_t> data,
    dora::documented::Box<Metadata> metadata)
{
    return dora::documented::outcome(
        dora_node_send(sender->node().get(), id.data(), id.size(), data.data(), data.size(), metadata->get().get()));
}

/// level: error, warn, info, debug or trace.
inline DoraResult log_message(
    const dora::documented::Box<OutputSender> &sender, const dora::documented::String &level, const dora::documented::String &message)
{
    const char *const levels[] = {"error", "warn", "info", "debug", "trace"};
    for (int i = 0; i < 5; i++)
    {
        if (level == levels[i])
            return dora::documented::outcome(dora_node_log(sender->node().get(), i, message.data(), message.size(), nullptr, 0));
    }
    return DoraResult{dora::documented::String("there is no level '" + level + "'; there are error, warn, info, debug and trace")};
}

/// JSON, as described in dora.h.
inline dora::documented::String node_config_json(const dora::documented::Box<OutputSender> &sender)
{
    return dora::documented::String(sender->node().config_json());
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

inline DoraResult send_arrow_output(
    dora::documented::Box<OutputSender> &sender, const dora::documented::String &id, std::uint8_t *array, std::uint8_t *schema,
    dora::documented::Box<Metadata> metadata)
{
    return dora::documented::outcome(dora_node_send_arrow(
        sender->node().get(),
        id.data(),
        id.size(),
        reinterpret_cast<ArrowArray *>(array),
        reinterpret_cast<ArrowSchema *>(schema),
        metadata->get().get()));
}

/// Ends these outputs.
inline DoraResult close_outputs(
    dora::documented::Box<OutputSender> &sender, const dora::documented::Vec<dora::documented::String> &output_ids)
{
    for (const dora::documented::String &id : output_ids)
    {
        const DoraResult result = dora::documented::outcome(dora_node_close_output(sender->node().get(), id.data(), id.size()));
        if (!result.error.empty())
            return result;
    }
    return DoraResult{};
}

/// Ends all outputs.
inline void close_outputs(dora::documented::Box<OutputSender> &sender)
{
    (void)sender->node().close_outputs();
}

#endif
