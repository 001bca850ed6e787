// SPDX-License-Identifier: Apache-2.0
// dora for C++: operators in shared libraries, header-only, C++17. Nothing is linked: the runtime hands over what is needed.
//
//     struct Counter : dora::operator_base
//     {
//         dora::op_result on_input(const dora::op_input &input, dora::op_sender &sender) override
//         {
//             sender.send("count", std::to_string(++count));
//             return dora::op_status::proceed;
//         }
//         int count = 0;
//     };
//     DORA_REGISTER_OPERATOR(Counter)
//
//     c++ -std=c++17 -shared -fPIC counter.cpp -o libcounter.so
//
// Threads: the runtime's, one call at a time. What a function throws is reported, and the operator is replaced by a new instance. An
// operator that crashes takes its runtime process with it, and nothing else.
#ifndef DORA_OPERATOR_HPP
#define DORA_OPERATOR_HPP

#include <cstdlib>
#include <exception>
#include <new>
#include <stdexcept>
#include <string>
#include <utility>

#include "dora/op_metadata.hpp"
#include "dora/operator_types.h"
#include "dora/span.hpp"

#if !defined(DORA_NO_EXCEPTIONS) && !defined(__cpp_exceptions) && !defined(_CPPUNWIND)
#define DORA_NO_EXCEPTIONS 1
#endif

namespace dora
{
enum class op_status : std::uint8_t
{
    proceed = DORA_STATUS_CONTINUE, ///< send more events
    stop = DORA_STATUS_STOP,        ///< this operator is done
    stop_all = DORA_STATUS_STOP_ALL ///< the whole dataflow is done
};

enum class op_log_level : int
{
    error = 0,
    warn = 1,
    info = 2,
    debug = 3,
    trace = 4
};

namespace detail
{
/// The text of an error, which is freed; empty: success.
inline std::string take_error(DoraResult_t result)
{
    if (result.error == nullptr)
        return std::string();
    std::string text(as_text(bytes(result.error->ptr, result.error->len)));
    std::free(result.error->ptr);
    std::free(result.error);
    return text.empty() ? std::string("failed without a text") : text;
}
} // namespace detail

/// A message; borrowed for the call.
class op_input
{
public:
    explicit op_input(const Input_t &input) noexcept : input_(&input)
    {
    }

    /// The input, as the dataflow names it.
    std::string_view id() const noexcept
    {
        return as_text(bytes(input_->id.ptr, input_->id.len));
    }

    /// In place in shared memory: read-only.
    bytes data() const noexcept
    {
        return bytes(input_->data.ptr, input_->data.len);
    }

    std::string_view text() const noexcept
    {
        return as_text(data());
    }

    template <class T>
    span<const T> values() const noexcept
    {
        return as_values<T>(data());
    }

    /// When it was sent: nanoseconds since 1970 UTC by the sender's hybrid logical clock.
    std::uint64_t timestamp_ns() const noexcept
    {
        return input_->timestamp_ns;
    }

    /// Empty when there is none.
    std::string_view open_telemetry_context() const noexcept
    {
        const Vec_uint8_t &context = input_->metadata.open_telemetry_context;
        return as_text(bytes(context.ptr, context.len));
    }

    /// The parameters that came with it, as a copy. Throws std::runtime_error when the sender's are malformed; without exceptions: empty.
    op_metadata parameters() const
    {
        DoraParameters_t parameters = {nullptr, 0};
        const std::string error = detail::take_error(input_->api->read_parameters(&parameters));
#ifndef DORA_NO_EXCEPTIONS
        if (!error.empty())
            throw std::runtime_error(error);
#endif
        return op_metadata(parameters);
    }

    /// Whether the sender sent a typed Arrow array.
    bool is_arrow() const noexcept
    {
        return input_->is_arrow;
    }

    /// The message as an Arrow array over the same memory (plain bytes: of uint8). Both structs are written over and are the caller's to
    /// release; the array holds the message by itself, and may be kept after the call. Throws std::runtime_error when the sender's description is
    /// broken; without exceptions: false.
    bool arrow(ArrowArray &array, ArrowSchema &schema) const
    {
        const std::string error = detail::take_error(input_->api->read_arrow(&array, &schema));
#ifndef DORA_NO_EXCEPTIONS
        if (!error.empty())
            throw std::runtime_error(error);
#endif
        return error.empty();
    }

private:
    const Input_t *input_;
};

/// Success with a status, or an error.
class op_result
{
public:
    op_result(op_status status) noexcept : status_(status)
    {
    }

    /// The operator fails: it is reported and replaced by a new instance.
    static op_result error(std::string text)
    {
        op_result result(op_status::proceed);
        result.error_ = std::move(text);
        result.failed_ = true;
        return result;
    }

    bool failed() const noexcept
    {
        return failed_;
    }

    const std::string &error() const noexcept
    {
        return error_;
    }

    op_status status() const noexcept
    {
        return status_;
    }

private:
    op_status status_;
    bool failed_ = false;
    std::string error_;
};

/// Sends outputs, during the call that it was given to. Sending never waits.
/// Failures throw std::runtime_error; without exceptions the functions return false, and error() says why.
class op_sender
{
public:
    explicit op_sender(const SendOutput_t &sender) noexcept : sender_(&sender)
    {
    }

    /// Sends bytes, which are copied.
    bool send(std::string_view output, bytes data)
    {
        return done(sender_->send_bytes(sender_->send_output.env_ptr, output.data(), output.size(), data.data(), data.size()));
    }

    bool send(std::string_view output, std::string_view text)
    {
        return send(output, as_bytes(text));
    }

    bool send(std::string_view output, bytes data, const op_metadata &parameters)
    {
        return parameters.lend([&](DoraParameters_t lent) { return done(api().send(text(output), data.data(), data.size(), lent)); });
    }

    bool send(std::string_view output, std::string_view text, const op_metadata &parameters)
    {
        return send(output, as_bytes(text), parameters);
    }

    /// Sends what `write(span<std::uint8_t>)` puts straight into the message: no copy. `write` is called once; if it throws, nothing is sent.
    template <class F>
    bool send_in_place(std::string_view output, std::size_t length, F write, const op_metadata &parameters = {})
    {
        writer<F> state{write, {}};
        const DoraResult_t result = parameters.lend([&](DoraParameters_t lent) {
            return api().send_in_place(text(output), length, &writer<F>::call, &state, lent);
        });
#ifndef DORA_NO_EXCEPTIONS
        if (state.thrown)
        {
            (void)detail::take_error(result);
            std::rethrow_exception(state.thrown);
        }
#endif
        return done(result);
    }

    /// Sends a typed Arrow array; its buffers are copied once. Takes both structs over, also on failure: they are released.
    bool send_arrow(std::string_view output, ArrowArray &array, ArrowSchema &schema, const op_metadata &parameters = {})
    {
        return parameters.lend([&](DoraParameters_t lent) { return done(api().send_arrow(text(output), &array, &schema, lent)); });
    }

    /// Passes the input of this call on as it came: bytes, parameters and Arrow type. Siblings get the very same memory.
    bool forward(std::string_view output)
    {
        return done(api().forward(text(output)));
    }

    /// Writes a record to the dataflow's log.
    bool log(op_log_level level, std::string_view message)
    {
        return done(api().log(static_cast<int>(level), text(message)));
    }

    const std::string &error() const noexcept
    {
        return error_;
    }

    /// For the functions of dora/operator_api.h, such as dora_save_state.
    const SendOutput_t &get() const noexcept
    {
        return *sender_;
    }

private:
    /// Nothing unwinds into the runtime.
    template <class F>
    struct writer
    {
        F &write;
        std::exception_ptr thrown;

        static bool call(void *state, std::uint8_t *data, std::size_t size) noexcept
        {
            writer &self = *static_cast<writer *>(state);
#ifndef DORA_NO_EXCEPTIONS
            try
            {
                self.write(span<std::uint8_t>(data, size));
                return true;
            }
            catch (...)
            {
                self.thrown = std::current_exception();
                return false;
            }
#else
            self.write(span<std::uint8_t>(data, size));
            return true;
#endif
        }
    };

    static DoraText_t text(std::string_view text) noexcept
    {
        return DoraText_t{text.data(), text.size()};
    }

    const DoraOperatorApi_t &api() const noexcept
    {
        return *sender_->api;
    }

    bool done(DoraResult_t result)
    {
        error_ = detail::take_error(result);
#ifndef DORA_NO_EXCEPTIONS
        if (!error_.empty())
            throw std::runtime_error(error_);
#endif
        return error_.empty();
    }

    const SendOutput_t *sender_;
    std::string error_;
};

/// What an operator is; needs a constructor without parameters. Its destructor runs when the operator ends or is replaced.
class operator_base
{
public:
    operator_base() = default;
    operator_base(const operator_base &) = delete;
    operator_base &operator=(const operator_base &) = delete;
    virtual ~operator_base() = default;

    virtual op_result on_input(const op_input &input, op_sender &sender) = 0;

    /// An input brings nothing more.
    virtual op_result on_input_closed(std::string_view input, op_sender &sender)
    {
        (void)input;
        (void)sender;
        return op_status::proceed;
    }

    /// The last event.
    virtual op_result on_stop(op_sender &sender)
    {
        (void)sender;
        return op_status::proceed;
    }

    /// A late input brings messages again.
    virtual op_result on_input_recovered(std::string_view input, op_sender &sender)
    {
        (void)input;
        (void)sender;
        return op_status::proceed;
    }

    /// A node upstream was started again.
    virtual op_result on_node_restarted(std::string_view node, op_sender &sender)
    {
        (void)node;
        (void)sender;
        return op_status::proceed;
    }

    /// The last message of an input was handled after its deadline; where the descriptor says on_miss: event.
    virtual op_result on_deadline_missed(std::string_view input, op_sender &sender)
    {
        (void)input;
        (void)sender;
        return op_status::proceed;
    }

    /// A node upstream failed; the message says which and how.
    virtual op_result on_error(std::string_view message, op_sender &sender)
    {
        (void)message;
        (void)sender;
        return op_status::proceed;
    }
};

namespace detail
{
inline DoraResult_t op_error(std::string_view text) noexcept
{
    DoraResult_t result = {nullptr};
    auto *error = static_cast<Vec_uint8_t *>(std::malloc(sizeof(Vec_uint8_t)));
    auto *copy = static_cast<std::uint8_t *>(std::malloc(text.size() + 1));
    if (error == nullptr || copy == nullptr)
    {
        std::free(copy);
        std::free(error);
        return result;
    }
    std::memcpy(copy, text.data(), text.size());
    copy[text.size()] = 0;
    *error = Vec_uint8_t{copy, text.size(), text.size() + 1};
    result.error = error;
    return result;
}

/// Nothing unwinds into the runtime: what is thrown becomes an error.
template <class F>
DoraResult_t op_guard(F run) noexcept
{
#ifndef DORA_NO_EXCEPTIONS
    try
    {
        return run();
    }
    catch (const std::exception &e)
    {
        return op_error(e.what());
    }
    catch (...)
    {
        return op_error("the operator threw something that is no std::exception");
    }
#else
    return run();
#endif
}

inline op_result op_dispatch(operator_base &op, const RawEvent_t &event, op_sender &sender)
{
    if (event.input != nullptr)
        return op.on_input(op_input(*event.input), sender);
    if (event.input_closed.ptr != nullptr)
        return op.on_input_closed(as_text(bytes(event.input_closed.ptr, event.input_closed.len)), sender);
    if (event.input_recovered.ptr != nullptr)
        return op.on_input_recovered(as_text(bytes(event.input_recovered.ptr, event.input_recovered.len)), sender);
    if (event.node_restarted.ptr != nullptr)
        return op.on_node_restarted(as_text(bytes(event.node_restarted.ptr, event.node_restarted.len)), sender);
    if (event.stop)
        return op.on_stop(sender);
    if (event.error.ptr != nullptr)
        return op.on_error(as_text(bytes(event.error.ptr, event.error.len)), sender);
    if (event.deadline_missed.ptr != nullptr)
        return op.on_deadline_missed(as_text(bytes(event.deadline_missed.ptr, event.deadline_missed.len)), sender);
    return op_status::proceed;
}

template <class T>
DoraInitResult_t op_init() noexcept
{
    DoraInitResult_t init = {{nullptr}, nullptr};
    init.result = op_guard([&] {
        operator_base *made = new T();
        init.operator_context = made;
        return DoraResult_t{nullptr};
    });
    return init;
}

inline DoraResult_t op_drop(void *context) noexcept
{
    return op_guard([&] {
        delete static_cast<operator_base *>(context);
        return DoraResult_t{nullptr};
    });
}

inline OnEventResult_t op_event(const RawEvent_t *event, const SendOutput_t *send_output, void *context) noexcept
{
    OnEventResult_t done = {{nullptr}, DORA_STATUS_CONTINUE};
    done.result = op_guard([&] {
        op_sender sender(*send_output);
        const op_result result = op_dispatch(*static_cast<operator_base *>(context), *event, sender);
        done.status = static_cast<DoraStatus_t>(result.status());
        return result.failed() ? op_error(result.error()) : DoraResult_t{nullptr};
    });
    return done;
}
} // namespace detail
} // namespace dora

/// Exports an operator from this shared library; once, at namespace scope.
#define DORA_REGISTER_OPERATOR(Type)                                                                                        \
    extern "C" __attribute__((visibility("default"))) DoraInitResult_t dora_init_operator(void)                             \
    {                                                                                                                       \
        return ::dora::detail::op_init<Type>();                                                                             \
    }                                                                                                                       \
    extern "C" __attribute__((visibility("default"))) DoraResult_t dora_drop_operator(void *operator_context)               \
    {                                                                                                                       \
        return ::dora::detail::op_drop(operator_context);                                                                   \
    }                                                                                                                       \
    extern "C" __attribute__((visibility("default"))) OnEventResult_t dora_on_event(                                        \
        const RawEvent_t *event, const SendOutput_t *send_output, void *operator_context)                                   \
    {                                                                                                                       \
        return ::dora::detail::op_event(event, send_output, operator_context);                                              \
    }

#endif
