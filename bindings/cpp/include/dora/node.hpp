// SPDX-License-Identifier: Apache-2.0
// dora for C++: the node API, header-only, C++17. Link with -ldora_node_api_c (pkg-config dora), or dora::cpp in CMake.
//
//     dora::node node = dora::node::from_env();
//     for (dora::event event : node.events())
//         if (event.is_input("image"))
//             node.send("size", std::to_string(event.data().size()));
//
// Errors are exceptions of type dora::error. With DORA_NO_EXCEPTIONS (for the whole program), or compiled without exceptions, the
// same functions return a negative dora::status or an empty object, and dora::last_error() says why. The functions that make something
// also exist with a std::error_code.
#ifndef DORA_NODE_HPP
#define DORA_NODE_HPP

#include <initializer_list>
#include <vector>

#include "dora/event.hpp"
#include "dora/loan.hpp"

namespace dora
{
enum class log_level
{
    error = DORA_LOG_ERROR,
    warn = DORA_LOG_WARN,
    info = DORA_LOG_INFO,
    debug = DORA_LOG_DEBUG,
    trace = DORA_LOG_TRACE
};

/// This process as a node of its dataflow; a process can be one node only.
/// Ownership: movable; when it goes, the node leaves the dataflow. Events, loans and Arrow arrays made of events go before.
/// Threads: any, but only one at a time receives.
class node
{
public:
    /// Empty: no node.
    node() noexcept = default;

    node(node &&other) noexcept : handle_(std::exchange(other.handle_, nullptr)), ended_(other.ended_)
    {
    }

    node &operator=(node &&other) noexcept
    {
        if (this != &other)
        {
            reset();
            handle_ = std::exchange(other.handle_, nullptr);
            ended_ = other.ended_;
        }
        return *this;
    }

    ~node()
    {
        reset();
    }

    /// Joins the dataflow that started this process, and waits until it starts.
    static node from_env()
    {
        node joined;
        (void)detail::check(dora_node_init(&joined.handle_));
        return joined;
    }

    /// The same without an exception: empty on failure.
    static node from_env(std::error_code &code) noexcept
    {
        node joined;
        code = outcome(dora_node_init(&joined.handle_));
        return joined;
    }

    explicit operator bool() const noexcept
    {
        return handle_ != nullptr;
    }

    dora_node_t *get() const noexcept
    {
        return handle_;
    }

    /// Leaves the dataflow now. A thread that waits for an event gets none.
    void reset() noexcept
    {
        if (handle_ != nullptr)
            dora_node_free(std::exchange(handle_, nullptr));
    }

    // ---- Receiving

    /// Waits for the next event; empty once the node has ended.
    event next()
    {
        return receive(DORA_FOREVER);
    }

    /// Waits for at most this long; empty when nothing came, or when the node has ended (has_ended()).
    template <class Rep, class Period>
    event next(std::chrono::duration<Rep, Period> timeout)
    {
        const auto ns = std::chrono::duration_cast<std::chrono::nanoseconds>(timeout).count();
        return receive(ns < 0 ? 0 : static_cast<std::int64_t>(ns));
    }

    /// Does not wait.
    event try_next()
    {
        return receive(0);
    }

    /// Waits without an exception; `code` is status::ended, status::timeout or an error when the event is empty. Negative: no limit.
    event next(std::chrono::nanoseconds timeout, std::error_code &code) noexcept
    {
        dora_event_t *received = nullptr;
        const dora_status result = dora_node_next_event(handle_, timeout.count(), &received);
        ended_ = ended_ || result == DORA_ENDED;
        code = outcome(result);
        return event(received);
    }

    /// Waits for the next message of one of some inputs; everything else stays queued, in its order: wait_any({"left", "right"}, 10ms).
    /// Empty when nothing came in time, when all these inputs are closed, or when the node is to stop or has ended: next() tells.
    event wait_any(std::initializer_list<std::string_view> inputs, std::chrono::nanoseconds timeout = forever)
    {
        return wait(dora_node_wait_any, inputs, timeout);
    }

    /// Waits until each of some inputs has a message: the oldest of each, in this order, as one event of type joined. Empty as for
    /// wait_any, or when one of these inputs is closed; nothing was taken then.
    event wait_all(std::initializer_list<std::string_view> inputs, std::chrono::nanoseconds timeout = forever)
    {
        return wait(dora_node_wait_all, inputs, timeout);
    }

    /// No limit, for those who wait.
    static constexpr std::chrono::nanoseconds forever{DORA_FOREVER};

    /// Whether there will be no more events.
    bool has_ended() const noexcept
    {
        return ended_;
    }

    class event_range;

    /// All events, for a range-based for loop.
    event_range events() noexcept;

    // ---- Sending

    /// Sends bytes: one copy, whatever the number of subscribers. Waits while a subscriber pushes back: ok, stopping, closed.
    status send(std::string_view output, bytes data, const metadata *parameters = nullptr)
    {
        return detail::check(dora_node_send(handle_, output.data(), output.size(), data.data(), data.size(), handle_of(parameters)));
    }

    status send(std::string_view output, bytes data, const metadata &parameters)
    {
        return send(output, data, &parameters);
    }

    /// The same for a text.
    status send(std::string_view output, std::string_view text, const metadata *parameters = nullptr)
    {
        return send(output, as_bytes(text), parameters);
    }

    status send(std::string_view output, std::string_view text, const metadata &parameters)
    {
        return send(output, as_bytes(text), &parameters);
    }

    /// The same without waiting: also back_pressured and pool_exhausted.
    status try_send(std::string_view output, bytes data, const metadata *parameters = nullptr)
    {
        return detail::check(dora_node_try_send(handle_, output.data(), output.size(), data.data(), data.size(), handle_of(parameters)));
    }

    /// Lends `length` bytes of shared memory to build a message in; waits while all is in use. Empty when the node shall stop.
    /// metadata_bytes: room for encoded metadata; 0: 1,024.
    loan lend(std::string_view output, std::size_t length, std::size_t metadata_bytes = 0)
    {
        dora_loan_t *lent = nullptr;
        std::uint8_t *data = nullptr;
        (void)detail::check(dora_node_loan(handle_, output.data(), output.size(), length, metadata_bytes, &lent, &data));
        return lent == nullptr ? loan() : loan(lent, span<std::uint8_t>(data, length));
    }

    /// The same without waiting: empty when no memory is to be had now.
    loan try_lend(std::string_view output, std::size_t length, std::size_t metadata_bytes = 0)
    {
        dora_loan_t *lent = nullptr;
        std::uint8_t *data = nullptr;
        (void)detail::check(dora_node_try_loan(handle_, output.data(), output.size(), length, metadata_bytes, &lent, &data));
        return lent == nullptr ? loan() : loan(lent, span<std::uint8_t>(data, length));
    }

    /// lend without an exception.
    loan lend(std::string_view output, std::size_t length, std::error_code &code) noexcept
    {
        dora_loan_t *lent = nullptr;
        std::uint8_t *data = nullptr;
        code = outcome(dora_node_loan(handle_, output.data(), output.size(), length, 0, &lent, &data));
        return lent == nullptr ? loan() : loan(lent, span<std::uint8_t>(data, length));
    }

    /// Sends a typed Arrow array. Takes both structs over, also on failure: they are released.
    status send_arrow(std::string_view output, ArrowArray &array, ArrowSchema &schema, const metadata *parameters = nullptr)
    {
        return detail::check(
            dora_node_send_arrow(handle_, output.data(), output.size(), &array, &schema, handle_of(parameters)));
    }

    /// The same without waiting: also back_pressured and pool_exhausted. Takes both structs over, also when nothing is sent.
    status try_send_arrow(std::string_view output, ArrowArray &array, ArrowSchema &schema, const metadata *parameters = nullptr)
    {
        return detail::check(
            dora_node_try_send_arrow(handle_, output.data(), output.size(), &array, &schema, handle_of(parameters)));
    }

    /// Passes a received input on as it came: bytes, parameters and, of an Arrow array, its type.
    status forward(std::string_view output, const event &received)
    {
        return detail::check(dora_node_forward(handle_, output.data(), output.size(), received.get()));
    }

    /// Ends an output: its subscribers receive what is queued, then input_closed.
    status close_output(std::string_view output)
    {
        return detail::check(dora_node_close_output(handle_, output.data(), output.size()));
    }

    status close_outputs()
    {
        return detail::check(dora_node_close_output(handle_, nullptr, 0));
    }

    bool has_output(std::string_view output) const
    {
        return detail::check_bool(dora_node_has_output(handle_, output.data(), output.size()));
    }

    /// How many inputs the next message would reach.
    int subscriber_count(std::string_view output) const
    {
        const int count = dora_node_subscriber_count(handle_, output.data(), output.size());
        (void)detail::check_bool(count);
        return count;
    }

    // ---- The node itself; texts live as long as it

    std::string_view id() const
    {
        return text(dora_node_id);
    }

    std::string_view dataflow_id() const
    {
        return text(dora_node_dataflow_id);
    }

    /// The dataflow file, as it was resolved; YAML.
    std::string_view dataflow_descriptor() const
    {
        return text(dora_node_dataflow_descriptor);
    }

    /// Inputs, outputs and limits; JSON, as described in dora.h.
    std::string_view config_json() const
    {
        return text(dora_node_config_json);
    }

    /// How often this node was started before, in this run of the dataflow.
    std::uint32_t restart_count() const
    {
        std::uint32_t count = 0;
        (void)detail::check(dora_node_restart_count(handle_, &count));
        return count;
    }

    /// Later than every time stamp given out or received so far.
    time_point timestamp() const
    {
        std::uint64_t unix_ns = 0;
        (void)detail::check(dora_node_timestamp(handle_, &unix_ns));
        return time_point(std::chrono::nanoseconds(unix_ns));
    }

    /// Writes a record to the dataflow's log. target: a category for filters.
    status log(log_level level, std::string_view message, std::string_view target = {})
    {
        return detail::check(dora_node_log(
            handle_, static_cast<int>(level), message.data(), message.size(), target.data(), target.size()));
    }

private:
    static std::error_code outcome(dora_status result) noexcept
    {
        return result == DORA_OK ? std::error_code() : make_error_code(static_cast<status>(result));
    }

    static dora_metadata_t *handle_of(const metadata *parameters) noexcept
    {
        return parameters == nullptr ? nullptr : parameters->get();
    }

    event receive(std::int64_t timeout_ns)
    {
        dora_event_t *received = nullptr;
        const dora_status result = dora_node_next_event(handle_, timeout_ns, &received);
        ended_ = ended_ || result == DORA_ENDED;
        (void)detail::check(result);
        return event(received);
    }

    template <class F>
    event wait(F function, std::initializer_list<std::string_view> inputs, std::chrono::nanoseconds timeout)
    {
        std::vector<const char *> names;
        std::vector<std::size_t> lengths;
        for (const std::string_view input : inputs)
        {
            names.push_back(input.data());
            lengths.push_back(input.size());
        }
        dora_event_t *received = nullptr;
        const dora_status result = function(handle_, names.data(), lengths.data(), names.size(), timeout.count(), &received);
        ended_ = ended_ || result == DORA_ENDED;
        (void)detail::check(result);
        return event(received);
    }

    template <class F>
    std::string_view text(F ask) const
    {
        const char *data = nullptr;
        std::size_t length = 0;
        (void)detail::check(ask(handle_, &data, &length));
        return length == 0 ? std::string_view() : std::string_view(data, length);
    }

    dora_node_t *handle_ = nullptr;
    bool ended_ = false;
};

/// A node's events, each moved out to the loop.
class node::event_range
{
public:
    explicit event_range(node &from) noexcept : node_(&from)
    {
    }

    class iterator
    {
    public:
        using iterator_category = std::input_iterator_tag;
        using value_type = event;
        using difference_type = std::ptrdiff_t;
        using pointer = event *;
        using reference = event &&;

        iterator() noexcept = default;

        explicit iterator(node &from) : node_(&from)
        {
            ++*this;
        }

        event &&operator*() noexcept
        {
            return std::move(current_);
        }

        iterator &operator++()
        {
            current_.reset(); // before waiting: its memory goes back
            current_ = node_->next();
            return *this;
        }

        bool operator!=(const iterator &) const noexcept
        {
            return static_cast<bool>(current_);
        }

        bool operator==(const iterator &) const noexcept
        {
            return !current_;
        }

    private:
        node *node_ = nullptr;
        event current_;
    };

    iterator begin()
    {
        return iterator(*node_);
    }

    iterator end() noexcept
    {
        return iterator();
    }

private:
    node *node_;
};

inline node::event_range node::events() noexcept
{
    return event_range(*this);
}
} // namespace dora

#endif
