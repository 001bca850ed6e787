// SPDX-License-Identifier: Apache-2.0
// dora::loan: shared memory to build a message in, so that sending copies nothing.
#ifndef DORA_LOAN_HPP
#define DORA_LOAN_HPP

#include "dora/metadata.hpp"

namespace dora
{
/// Ownership: the caller's until it is sent; an unsent loan is given back when it goes. Must not outlive its node.
/// Threads: one at a time.
class loan
{
public:
    loan() noexcept = default;

    /// Takes over a handle of the C API.
    loan(dora_loan_t *handle, span<std::uint8_t> data) noexcept : handle_(handle), data_(data)
    {
    }

    loan(loan &&other) noexcept : handle_(std::exchange(other.handle_, nullptr)), data_(std::exchange(other.data_, {}))
    {
    }

    loan &operator=(loan &&other) noexcept
    {
        if (this != &other)
        {
            discard();
            handle_ = std::exchange(other.handle_, nullptr);
            data_ = std::exchange(other.data_, {});
        }
        return *this;
    }

    ~loan()
    {
        discard();
    }

    /// False: there was no memory to be had, or it was sent.
    explicit operator bool() const noexcept
    {
        return handle_ != nullptr;
    }

    dora_loan_t *get() const noexcept
    {
        return handle_;
    }

    /// The memory: 64-byte aligned, not zeroed; dead once the loan is sent.
    span<std::uint8_t> data() const noexcept
    {
        return data_;
    }

    /// The memory as plain values.
    template <class T>
    span<T> values() const noexcept
    {
        static_assert(std::is_trivially_copyable_v<T>, "only plain values can be sent as their bytes");
        return span<T>(reinterpret_cast<T *>(data_.data()), data_.size() / sizeof(T));
    }

    /// Sends all of it, or its first `length` bytes. Waits while a subscriber pushes back: ok, stopping, closed.
    status send(const metadata *parameters = nullptr)
    {
        return send(data_.size(), parameters);
    }

    status send(std::size_t length, const metadata *parameters = nullptr)
    {
        return used(dora_loan_send(handle_, length, parameters == nullptr ? nullptr : parameters->get()));
    }

    /// The same without waiting. After back_pressured and pool_exhausted the loan is still good.
    status try_send(const metadata *parameters = nullptr)
    {
        return try_send(data_.size(), parameters);
    }

    status try_send(std::size_t length, const metadata *parameters = nullptr)
    {
        return used(dora_loan_try_send(handle_, length, parameters == nullptr ? nullptr : parameters->get()));
    }

    /// Gives it back unsent.
    void discard() noexcept
    {
        if (handle_ != nullptr)
            dora_loan_discard(std::exchange(handle_, nullptr));
        data_ = {};
    }

private:
    status used(dora_status result)
    {
        if (result == DORA_OK || result == DORA_STOPPING || result == DORA_CLOSED)
        {
            handle_ = nullptr;
            data_ = {};
        }
        return detail::check(result);
    }

    dora_loan_t *handle_ = nullptr;
    span<std::uint8_t> data_;
};
} // namespace dora

#endif
