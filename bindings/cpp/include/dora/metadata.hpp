// SPDX-License-Identifier: Apache-2.0
// dora::metadata: the parameters of a message.
#ifndef DORA_METADATA_HPP
#define DORA_METADATA_HPP

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "dora/error.hpp"
#include "dora/parameter.hpp"
#include "dora/span.hpp"

namespace dora
{
/// Named values that travel with a message: bool, integers, floats, texts, lists of these, time stamps.
/// Ownership: the object's; movable, not copyable. Threads: one at a time.
class metadata
{
public:
    /// Empty. Without exceptions, false if there is no memory.
    metadata()
    {
        (void)detail::check(dora_metadata_new(&handle_));
    }

    /// Takes over a handle of the C API.
    explicit metadata(dora_metadata_t *handle) noexcept : handle_(handle)
    {
    }

    metadata(metadata &&other) noexcept : handle_(std::exchange(other.handle_, nullptr))
    {
    }

    metadata &operator=(metadata &&other) noexcept
    {
        if (this != &other)
        {
            reset();
            handle_ = std::exchange(other.handle_, nullptr);
        }
        return *this;
    }

    ~metadata()
    {
        reset();
    }

    explicit operator bool() const noexcept
    {
        return handle_ != nullptr;
    }

    dora_metadata_t *get() const noexcept
    {
        return handle_;
    }

    std::size_t size() const
    {
        std::size_t count = 0;
        (void)detail::check(dora_metadata_count(handle_, &count));
        return count;
    }

    parameter_kind kind(std::string_view key) const
    {
        const int kind = dora_metadata_kind(handle_, key.data(), key.size());
        (void)detail::check_bool(kind);
        return kind < 0 ? parameter_kind::none : static_cast<parameter_kind>(kind);
    }

    bool contains(std::string_view key) const
    {
        return kind(key) != parameter_kind::none;
    }

    std::vector<std::string> keys() const
    {
        std::vector<std::string> keys;
        const std::size_t count = size();
        for (std::size_t i = 0; i < count; i++)
        {
            auto key = text([&](char *buffer, std::size_t capacity, std::size_t *length) {
                return dora_metadata_key_at(handle_, i, buffer, capacity, length);
            });
            keys.push_back(std::move(key).value_or(std::string()));
        }
        return keys;
    }

    /// Adds a parameter or replaces it. Value: bool, any integer or floating-point number, a text, a time_point, or a container of
    /// std::int64_t, double or std::string.
    template <class T>
    metadata &set(std::string_view key, const T &value)
    {
        (void)detail::check(store(key.data(), key.size(), value));
        return *this;
    }

    metadata &remove(std::string_view key)
    {
        (void)detail::check(dora_metadata_remove(handle_, key.data(), key.size()));
        return *this;
    }

    /// The value of a parameter; nothing if there is none of this name or of this type (integers read as floating-point numbers).
    /// T: bool, std::int64_t, double, std::string, time_point, std::vector<std::int64_t>, std::vector<double>, std::vector<std::string>.
    template <class T>
    std::optional<T> get(std::string_view key) const
    {
        if constexpr (std::is_same_v<T, bool>)
        {
            int value = 0;
            return found(dora_metadata_get_bool(handle_, key.data(), key.size(), &value)) ? std::optional<T>(value != 0) : std::nullopt;
        }
        else if constexpr (std::is_same_v<T, std::int64_t>)
        {
            std::int64_t value = 0;
            return found(dora_metadata_get_integer(handle_, key.data(), key.size(), &value)) ? std::optional<T>(value) : std::nullopt;
        }
        else if constexpr (std::is_same_v<T, double>)
        {
            double value = 0;
            return found(dora_metadata_get_float(handle_, key.data(), key.size(), &value)) ? std::optional<T>(value) : std::nullopt;
        }
        else if constexpr (std::is_same_v<T, time_point>)
        {
            std::uint64_t value = 0;
            return found(dora_metadata_get_timestamp(handle_, key.data(), key.size(), &value))
                ? std::optional<T>(time_point(std::chrono::nanoseconds(value)))
                : std::nullopt;
        }
        else if constexpr (std::is_same_v<T, std::string>)
        {
            return text([&](char *buffer, std::size_t capacity, std::size_t *length) {
                return dora_metadata_get_string(handle_, key.data(), key.size(), buffer, capacity, length);
            });
        }
        else if constexpr (std::is_same_v<T, std::vector<std::int64_t>>)
        {
            return list<std::int64_t>(key, dora_metadata_get_integers);
        }
        else if constexpr (std::is_same_v<T, std::vector<double>>)
        {
            return list<double>(key, dora_metadata_get_floats);
        }
        else
        {
            static_assert(std::is_same_v<T, std::vector<std::string>>, "no parameter has this type");
            std::size_t count = 0;
            if (!found(dora_metadata_get_strings_count(handle_, key.data(), key.size(), &count)))
                return std::nullopt;
            std::vector<std::string> values;
            for (std::size_t i = 0; i < count; i++)
            {
                auto value = text([&](char *buffer, std::size_t capacity, std::size_t *length) {
                    return dora_metadata_get_string_at(handle_, key.data(), key.size(), i, buffer, capacity, length);
                });
                values.push_back(std::move(value).value_or(std::string()));
            }
            return values;
        }
    }

private:
    void reset() noexcept
    {
        if (handle_ != nullptr)
            dora_metadata_free(std::exchange(handle_, nullptr));
    }

    static bool found(dora_status result)
    {
        if (result == DORA_ERROR_NOT_FOUND || result == DORA_ERROR_INVALID_ARGUMENT)
            return false;
        return detail::check(result) == status::ok;
    }

    template <class F>
    static std::optional<std::string> text(F copy)
    {
        std::size_t length = 0;
        if (!found(copy(nullptr, 0, &length)))
            return std::nullopt;
        std::string value(length, '\0');
        (void)detail::check(copy(value.data(), value.size(), &length));
        return value;
    }

    template <class T, class F>
    std::optional<std::vector<T>> list(std::string_view key, F copy) const
    {
        std::size_t count = 0;
        if (!found(copy(handle_, key.data(), key.size(), nullptr, 0, &count)))
            return std::nullopt;
        std::vector<T> values(count);
        (void)detail::check(copy(handle_, key.data(), key.size(), values.data(), values.size(), &count));
        return values;
    }

    template <class T>
    dora_status store(const char *key, std::size_t length, const T &value)
    {
        if constexpr (std::is_same_v<T, bool>)
            return dora_metadata_set_bool(handle_, key, length, value ? 1 : 0);
        else if constexpr (std::is_integral_v<T>)
            return dora_metadata_set_integer(handle_, key, length, static_cast<std::int64_t>(value));
        else if constexpr (std::is_floating_point_v<T>)
            return dora_metadata_set_float(handle_, key, length, static_cast<double>(value));
        else if constexpr (std::is_convertible_v<const T &, std::string_view>)
        {
            const std::string_view text = value;
            return dora_metadata_set_string(handle_, key, length, text.data(), text.size());
        }
        else if constexpr (std::is_convertible_v<const T &, time_point>)
            return dora_metadata_set_timestamp(
                handle_, key, length, static_cast<std::uint64_t>(time_point(value).time_since_epoch().count()));
        else if constexpr (std::is_convertible_v<const T &, span<const std::int64_t>>)
            return dora_metadata_set_integers(handle_, key, length, std::data(value), std::size(value));
        else if constexpr (std::is_convertible_v<const T &, span<const double>>)
            return dora_metadata_set_floats(handle_, key, length, std::data(value), std::size(value));
        else
        {
            std::vector<const char *> texts;
            std::vector<std::size_t> lengths;
            for (const std::string_view text : value)
            {
                texts.push_back(text.data() == nullptr ? "" : text.data());
                lengths.push_back(text.size());
            }
            return dora_metadata_set_strings(handle_, key, length, texts.data(), lengths.data(), texts.size());
        }
    }

    dora_metadata_t *handle_ = nullptr;
};
} // namespace dora

#endif
