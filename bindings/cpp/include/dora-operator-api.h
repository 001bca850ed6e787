// SPDX-License-Identifier: Apache-2.0
// The C++ operator API in the form that dora's documentation shows: a class Operator, new_operator() and a free on_input. New programs are
// better off with dora/operator.hpp, which has all events, parameters and Arrow.
//
//     #pragma once
//     #include <dora-operator-api.h>
//
//     class Operator { public: Operator(); unsigned char counter; };
//     std::unique_ptr<Operator> new_operator();
//     DoraOnInputResult on_input(Operator &op, rust::Str id, rust::Slice<const uint8_t> data, OutputSender &output_sender);
//
//     c++ -std=c++17 -shared -fPIC operator.cc -o liboperator.so
//
// The class is defined in each file that includes this. Events other than inputs are not passed on, as in dora. dora generates this form
// with the cxx crate; here the types are small ones of our own, under the names that cxx gives them. What on_input throws, and an error that it returns,
// ends the instance, and new_operator() makes another.
#ifndef DORA_OPERATOR_API_CXX_H
#define DORA_OPERATOR_API_CXX_H

#ifndef DORA_RUST_NAMES
#define DORA_RUST_NAMES 1
#endif

#include <cstdint>
#include <memory>

#include "dora/documented.hpp"
#include "dora/operator.hpp"

struct DoraOnInputResult
{
    rust::String error; ///< empty: success
    bool stop;          ///< this operator is done
};

struct DoraSendOutputResult
{
    rust::String error; ///< empty: success
};

/// Sends outputs, during the call that it was given to.
class OutputSender
{
public:
    explicit OutputSender(const SendOutput_t &sender) noexcept : sender_(&sender)
    {
    }

    const SendOutput_t &get() const noexcept
    {
        return *sender_;
    }

private:
    const SendOutput_t *sender_;
};

/// Sends bytes, which are copied.
inline DoraSendOutputResult send_output(OutputSender &sender, rust::Str id, rust::Slice<const std::uint8_t> data)
{
    const SendOutput_t &raw = sender.get();
    return DoraSendOutputResult{
        rust::String(dora::detail::take_error(raw.send_bytes(raw.send_output.env_ptr, id.data(), id.size(), data.data(), data.size())))};
}

// ---- What the operator's file defines

class Operator;

std::unique_ptr<Operator> new_operator();

DoraOnInputResult on_input(Operator &op, rust::Str id, rust::Slice<const std::uint8_t> data, OutputSender &output_sender);

// ---- What the runtime calls. Templates, because Operator is defined further down; weak, because several files may include this.

namespace dora
{
namespace documented
{
template <class T>
DoraInitResult_t init() noexcept
{
    DoraInitResult_t made = {{nullptr}, nullptr};
    made.result = dora::detail::op_guard([&] {
        std::unique_ptr<T> op = new_operator();
        made.operator_context = op.release();
        return DoraResult_t{nullptr};
    });
    return made;
}

template <class T>
DoraResult_t drop(void *context) noexcept
{
    return dora::detail::op_guard([&] {
        delete static_cast<T *>(context);
        return DoraResult_t{nullptr};
    });
}

template <class T>
OnEventResult_t event(const RawEvent_t &raw, const SendOutput_t &send_output, void *context) noexcept
{
    OnEventResult_t done = {{nullptr}, DORA_STATUS_CONTINUE};
    if (raw.input == nullptr)
        return done;
    done.result = dora::detail::op_guard([&] {
        OutputSender sender(send_output);
        const Input_t &input = *raw.input;
        const DoraOnInputResult result = on_input(
            *static_cast<T *>(context),
            rust::Str(reinterpret_cast<const char *>(input.id.ptr), input.id.len),
            rust::Slice<const std::uint8_t>(input.data.ptr, input.data.len),
            sender);
        done.status = static_cast<DoraStatus_t>(result.stop ? DORA_STATUS_STOP : DORA_STATUS_CONTINUE);
        return result.error.empty() ? DoraResult_t{nullptr} : dora::detail::op_error(result.error);
    });
    return done;
}
} // namespace documented
} // namespace dora

extern "C" __attribute__((weak, visibility("default"))) DoraInitResult_t dora_init_operator(void)
{
    return dora::documented::init<Operator>();
}

extern "C" __attribute__((weak, visibility("default"))) DoraResult_t dora_drop_operator(void *operator_context)
{
    return dora::documented::drop<Operator>(operator_context);
}

extern "C" __attribute__((weak, visibility("default"))) OnEventResult_t dora_on_event(
    const RawEvent_t *event, const SendOutput_t *send_output, void *operator_context)
{
    return dora::documented::event<Operator>(*event, *send_output, operator_context);
}

#endif
