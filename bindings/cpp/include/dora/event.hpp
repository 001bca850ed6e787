// SPDX-License-Identifier: Apache-2.0
// dora::event: what a node receives.
#ifndef DORA_EVENT_HPP
#define DORA_EVENT_HPP

#include "dora/metadata.hpp"

namespace dora
{
enum class event_type
{
    stop = DORA_EVENT_STOP,                       ///< the node shall end; id(): MANUAL, ALL_INPUTS_CLOSED or DAEMON_LOST
    input = DORA_EVENT_INPUT,                     ///< a message; id(): the input
    input_closed = DORA_EVENT_INPUT_CLOSED,       ///< an input brings nothing more, or is late; id(): the input, message(): why
    error = DORA_EVENT_ERROR,                     ///< a connection was cut; message(): which and why
    unknown = DORA_EVENT_UNKNOWN,                 ///< of a later version of the library
    input_recovered = DORA_EVENT_INPUT_RECOVERED, ///< a late input brings messages again; id(): the input
    node_restarted = DORA_EVENT_NODE_RESTARTED,   ///< a node upstream was started again; id(): the node
    node_failed = DORA_EVENT_NODE_FAILED,         ///< a node upstream failed; id(): the node, message(): how, affected_inputs()
    reload = DORA_EVENT_RELOAD,                   ///< an operator shall be loaded again; id(): the operator, or empty
    joined = DORA_EVENT_JOINED                    ///< messages that belong together; joined(), message(): complete, partial or timed out
};

/// One event, owned: when it goes, an input's memory returns to its sender. So let it go soon; a node that keeps many makes its
/// senders drop or wait. Empty (false) when there was none. Must not outlive its node. Threads: any, one at a time.
class event
{
public:
    event() noexcept = default;

    /// Takes over a handle of the C API.
    explicit event(dora_event_t *handle) noexcept : handle_(handle)
    {
    }

    event(event &&other) noexcept : handle_(std::exchange(other.handle_, nullptr)), info_(std::exchange(other.info_, nothing()))
    {
    }

    event &operator=(event &&other) noexcept
    {
        if (this != &other)
        {
            reset();
            handle_ = std::exchange(other.handle_, nullptr);
            info_ = std::exchange(other.info_, nothing());
        }
        return *this;
    }

    ~event()
    {
        reset();
    }

    explicit operator bool() const noexcept
    {
        return handle_ != nullptr;
    }

    dora_event_t *get() const noexcept
    {
        return handle_;
    }

    /// Gives the event back now.
    void reset() noexcept
    {
        if (handle_ != nullptr)
            dora_event_free(std::exchange(handle_, nullptr));
        info_ = nothing();
    }

    event_type type() const
    {
        if (const dora_event_info_t *known = info())
            return static_cast<event_type>(known->type);
        const int type = dora_event_type(handle_);
        (void)detail::check_bool(type);
        return type < 0 ? event_type::unknown : static_cast<event_type>(type);
    }

    bool is_input() const
    {
        return type() == event_type::input;
    }

    /// Whether it is a message on this input.
    bool is_input(std::string_view input) const
    {
        return is_input() && id() == input;
    }

    /// As said at the types; empty when there is nothing to say. Belongs to the event, as all texts and data that it gives.
    std::string_view id() const
    {
        if (const dora_event_info_t *known = info())
            return known->id_length == 0 ? std::string_view() : std::string_view(known->id, known->id_length);
        return text(dora_event_id);
    }

    std::string_view message() const
    {
        return text(dora_event_message);
    }

    /// The bytes of an input, in place in shared memory: 64-byte aligned, read-only. Of an Arrow array: its buffers.
    bytes data() const
    {
        if (const dora_event_info_t *known = input_info())
            return bytes(known->data, known->length);
        const std::uint8_t *data = nullptr;
        std::size_t length = 0;
        (void)detail::check(dora_event_data(handle_, &data, &length));
        return bytes(data, length);
    }

    /// The bytes of an input as a text, and as plain values; in place.
    std::string_view text() const
    {
        return as_text(data());
    }

    template <class T>
    span<const T> values() const
    {
        return as_values<T>(data());
    }

    /// Whether the sender sent a typed Arrow array.
    bool is_arrow() const
    {
        const dora_event_info_t *known = input_info();
        return known != nullptr ? (known->flags & DORA_EVENT_IS_ARROW) != 0 : detail::check_bool(dora_event_is_arrow(handle_));
    }

    /// The input as an Arrow array over the same memory (plain bytes: of uint8). Both structs are written over and are the caller's to
    /// release; the array holds the message by itself, but must be released before the node goes.
    status arrow(ArrowArray &array, ArrowSchema &schema) const
    {
        return detail::check(dora_event_arrow(handle_, &array, &schema));
    }

    /// When an input was sent.
    time_point timestamp() const
    {
        std::uint64_t unix_ns = 0;
        if (const dora_event_info_t *known = input_info())
            unix_ns = known->timestamp;
        else
            (void)detail::check(dora_event_timestamp(handle_, &unix_ns));
        return time_point(std::chrono::nanoseconds(unix_ns));
    }

    /// Number of an input's message within its sender, from 1. A gap means messages that this input did not get.
    std::uint64_t sequence() const
    {
        if (const dora_event_info_t *known = input_info())
            return known->sequence;
        std::uint64_t sequence = 0;
        (void)detail::check(dora_event_sequence(handle_, &sequence));
        return sequence;
    }

    /// Whether any parameters came with an input; cheaper than asking for them.
    bool has_metadata() const
    {
        const dora_event_info_t *known = input_info();
        return known != nullptr ? (known->flags & DORA_EVENT_HAS_METADATA) != 0 : detail::check_bool(dora_event_has_metadata(handle_));
    }

    /// The parameters of an input, as a copy.
    metadata parameters() const
    {
        dora_metadata_t *handle = nullptr;
        (void)detail::check(dora_event_metadata(handle_, &handle));
        return metadata(handle);
    }

    /// The messages of a joined event, one input after the other, the oldest first; each is an input event of its own.
    std::vector<event> joined() const
    {
        std::vector<event> inputs;
        dora_event_t *input = nullptr;
        dora_status result;
        while ((result = dora_event_joined(handle_, inputs.size(), &input)) == DORA_OK)
            inputs.emplace_back(input);
        if (result != DORA_ERROR_NOT_FOUND)
            (void)detail::check(result);
        return inputs;
    }

    /// The inputs that a failed node fed; the members of a join that have no message.
    std::vector<std::string_view> affected_inputs() const
    {
        std::vector<std::string_view> inputs;
        const char *data = nullptr;
        std::size_t length = 0;
        dora_status result;
        while ((result = dora_event_affected_input(handle_, inputs.size(), &data, &length)) == DORA_OK)
            inputs.emplace_back(data, length);
        if (result != DORA_ERROR_NOT_FOUND)
            (void)detail::check(result);
        return inputs;
    }

private:
    static constexpr std::int32_t unread = -1;

    static constexpr dora_event_info_t nothing() noexcept
    {
        return dora_event_info_t{unread, 0, nullptr, 0, nullptr, 0, 0, 0};
    }

    // All of the event, read with the first question: one call into the library instead of one for each. NULL: there is no event.
    const dora_event_info_t *info() const noexcept
    {
        if (info_.type == unread && (handle_ == nullptr || dora_event_info(handle_, &info_) != DORA_OK))
            return nullptr;
        return &info_;
    }

    // NULL: it is no input, and the library's function says so.
    const dora_event_info_t *input_info() const noexcept
    {
        const dora_event_info_t *known = info();
        return known != nullptr && known->type == DORA_EVENT_INPUT ? known : nullptr;
    }

    template <class F>
    std::string_view text(F ask) const
    {
        const char *data = nullptr;
        std::size_t length = 0;
        (void)detail::check(ask(handle_, &data, &length));
        return length == 0 ? std::string_view() : std::string_view(data, length);
    }

    dora_event_t *handle_ = nullptr;
    mutable dora_event_info_t info_ = nothing();
};
} // namespace dora

#endif
