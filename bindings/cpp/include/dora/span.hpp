// SPDX-License-Identifier: Apache-2.0
// dora::span: a view of values that lie one behind the other, as std::span is in C++20, to and from which it converts.
#ifndef DORA_SPAN_HPP
#define DORA_SPAN_HPP

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <iterator>
#include <string_view>
#include <type_traits>
#include <utility>

#if __cplusplus >= 202002L
#include <ranges>
#endif

namespace dora
{
template <class T>
class span;

namespace detail
{
template <class C, class T>
using if_viewable_as = std::enable_if_t<
    std::is_convertible_v<std::remove_pointer_t<decltype(std::data(std::declval<C &>()))> (*)[], T (*)[]>
    && std::is_convertible_v<decltype(std::size(std::declval<C &>())), std::size_t>>;

template <class C>
struct is_span : std::false_type
{
};

template <class T>
struct is_span<span<T>> : std::true_type
{
};
} // namespace detail

/// A pointer and a count; owns nothing. Valid as long as what it was made of, or was given out by.
template <class T>
class span
{
public:
    using element_type = T;
    using value_type = std::remove_cv_t<T>;
    using size_type = std::size_t;
    using iterator = T *;

    constexpr span() noexcept = default;

    constexpr span(T *data, std::size_t size) noexcept : data_(data), size_(size)
    {
    }

    /// Of any container whose elements lie one behind the other: std::vector, std::array, an array, std::span.
    template <class C, class = detail::if_viewable_as<C, T>>
    constexpr span(C &&container) noexcept : data_(std::data(container)), size_(std::size(container))
    {
    }

    constexpr T *data() const noexcept
    {
        return data_;
    }

    constexpr std::size_t size() const noexcept
    {
        return size_;
    }

    constexpr std::size_t size_bytes() const noexcept
    {
        return size_ * sizeof(T);
    }

    constexpr bool empty() const noexcept
    {
        return size_ == 0;
    }

    constexpr T *begin() const noexcept
    {
        return data_;
    }

    constexpr T *end() const noexcept
    {
        return data_ + size_;
    }

    /// Unchecked, as in std::span.
    constexpr T &operator[](std::size_t index) const noexcept
    {
        return data_[index];
    }

    constexpr T &front() const noexcept
    {
        return data_[0];
    }

    constexpr T &back() const noexcept
    {
        return data_[size_ - 1];
    }

    /// The first `count` of them.
    constexpr span first(std::size_t count) const noexcept
    {
        return span(data_, count);
    }

    /// What lies behind the first `offset`.
    constexpr span subspan(std::size_t offset) const noexcept
    {
        return span(data_ + offset, size_ - offset);
    }

private:
    T *data_ = nullptr;
    std::size_t size_ = 0;
};

/// Bytes that are only read.
using bytes = span<const std::uint8_t>;

/// The bytes of a container of plain values, such as std::vector<float> or std::string.
template <class C, class = decltype(std::data(std::declval<const C &>()))>
bytes as_bytes(const C &container) noexcept
{
    using element = std::remove_cv_t<std::remove_pointer_t<decltype(std::data(container))>>;
    static_assert(std::is_trivially_copyable_v<element>, "only plain values can be sent as their bytes");
    return bytes(reinterpret_cast<const std::uint8_t *>(std::data(container)), std::size(container) * sizeof(element));
}

/// The text that bytes are. Not checked to be UTF-8.
inline std::string_view as_text(bytes data) noexcept
{
    return data.empty() ? std::string_view() : std::string_view(reinterpret_cast<const char *>(data.data()), data.size());
}

/// Bytes as plain values, in place: as many as there are whole ones. Inputs are aligned to 64 bytes, so any T will do.
template <class T>
span<const T> as_values(bytes data) noexcept
{
    static_assert(std::is_trivially_copyable_v<T>, "only plain values can be read from bytes");
    return span<const T>(reinterpret_cast<const T *>(data.data()), data.size() / sizeof(T));
}
} // namespace dora

#if __cplusplus >= 202002L
template <class T>
inline constexpr bool std::ranges::enable_borrowed_range<dora::span<T>> = true;
template <class T>
inline constexpr bool std::ranges::enable_view<dora::span<T>> = true;
#endif

#endif
