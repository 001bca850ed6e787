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

/// Sends outputs, during the call that it was given to.
class op_sender
{
public:
    explicit op_sender(const SendOutput_t &sender) noexcept : sender_(&sender)
    {
    }

    /// Sends bytes, which are copied. Throws std::runtime_error on failure; without exceptions: false, and error() says why.
    bool send(std::string_view output, bytes data)
    {
        const DoraResult_t result =
            sender_->send_bytes(sender_->send_output.env_ptr, output.data(), output.size(), data.data(), data.size());
        if (result.error == nullptr)
            return true;
        error_ = std::string(as_text(bytes(result.error->ptr, result.error->len)));
        std::free(result.error->ptr);
        std::free(result.error);
#ifndef DORA_NO_EXCEPTIONS
        throw std::runtime_error(error_);
#else
        return false;
#endif
    }

    bool send(std::string_view output, std::string_view text)
    {
        return send(output, as_bytes(text));
    }

    const std::string &error() const noexcept
    {
        return error_;
    }

private:
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

    /// A node upstream failed.
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
    if (event.stop)
        return op.on_stop(sender);
    if (event.error.ptr != nullptr)
        return op.on_error(as_text(bytes(event.error.ptr, event.error.len)), sender);
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
