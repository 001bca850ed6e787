// SPDX-License-Identifier: Apache-2.0
// dora::op_metadata: the parameters of a message, for operators. Has what dora::metadata has for nodes, and links nothing.
#ifndef DORA_OP_METADATA_HPP
#define DORA_OP_METADATA_HPP

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "dora/operator_types.h"
#include "dora/parameter.hpp"
#include "dora/span.hpp"

namespace dora
{
/// Named values that travel with a message: bool, integers, floats, texts, lists of these, time stamps.
/// Ownership: all its own; copyable. Threads: one at a time.
class op_metadata
{
    using value_type = std::variant<
        bool, std::int64_t, double, std::string, std::vector<std::int64_t>, std::vector<double>, std::vector<std::string>, time_point>;

public:
    op_metadata() = default;

    /// A copy of what the runtime lends. Kinds of a later version are left out.
    explicit op_metadata(DoraParameters_t parameters)
    {
        for (std::size_t i = 0; i < parameters.len; i++)
            read(parameters.ptr[i]);
    }

    std::size_t size() const noexcept
    {
        return entries_.size();
    }

    parameter_kind kind(std::string_view key) const noexcept
    {
        const value_type *value = find(key);
        return value == nullptr ? parameter_kind::none : static_cast<parameter_kind>(value->index() + 1);
    }

    bool contains(std::string_view key) const noexcept
    {
        return find(key) != nullptr;
    }

    /// The names of all parameters, in their order.
    std::vector<std::string> keys() const
    {
        std::vector<std::string> keys;
        for (const auto &entry : entries_)
            keys.push_back(entry.first);
        return keys;
    }

    /// Adds a parameter or replaces it. Value: bool, any integer or floating-point number, a text, a time_point, or a container of
    /// std::int64_t, double or std::string.
    template <class T>
    op_metadata &set(std::string_view key, const T &value)
    {
        if constexpr (std::is_same_v<T, bool>)
            return store(key, value_type(std::in_place_type<bool>, value));
        else if constexpr (std::is_integral_v<T>)
            return store(key, value_type(std::in_place_type<std::int64_t>, static_cast<std::int64_t>(value)));
        else if constexpr (std::is_floating_point_v<T>)
            return store(key, value_type(std::in_place_type<double>, static_cast<double>(value)));
        else if constexpr (std::is_convertible_v<const T &, std::string_view>)
            return store(key, value_type(std::in_place_type<std::string>, std::string_view(value)));
        else if constexpr (std::is_convertible_v<const T &, time_point>)
            return store(key, value_type(std::in_place_type<time_point>, value));
        else if constexpr (std::is_convertible_v<const T &, span<const std::int64_t>>)
            return store(key, value_type(std::in_place_type<std::vector<std::int64_t>>, std::begin(value), std::end(value)));
        else if constexpr (std::is_convertible_v<const T &, span<const double>>)
            return store(key, value_type(std::in_place_type<std::vector<double>>, std::begin(value), std::end(value)));
        else
            return store(key, value_type(std::in_place_type<std::vector<std::string>>, std::begin(value), std::end(value)));
    }

    op_metadata &remove(std::string_view key)
    {
        for (auto entry = entries_.begin(); entry != entries_.end(); ++entry)
        {
            if (entry->first == key)
            {
                entries_.erase(entry);
                break;
            }
        }
        return *this;
    }

    /// The value of a parameter; nothing if there is none of this name or of this type (integers read as floating-point numbers).
    /// T: bool, std::int64_t, double, std::string, time_point, std::vector<std::int64_t>, std::vector<double>, std::vector<std::string>.
    template <class T>
    std::optional<T> get(std::string_view key) const
    {
        const value_type *value = find(key);
        if (value == nullptr)
            return std::nullopt;
        if (const T *found = std::get_if<T>(value))
            return *found;
        if constexpr (std::is_same_v<T, double>)
        {
            if (const std::int64_t *integer = std::get_if<std::int64_t>(value))
                return static_cast<double>(*integer);
        }
        return std::nullopt;
    }

    /// Calls `use` with the parameters as the runtime takes them; they live during the call.
    template <class F>
    auto lend(F use) const
    {
        std::vector<DoraParameter_t> parameters;
        std::vector<std::vector<DoraText_t>> texts; // moving a vector leaves its elements where they are
        parameters.reserve(entries_.size());
        for (const auto &entry : entries_)
            parameters.push_back(write(entry.first, entry.second, texts));
        return use(DoraParameters_t{parameters.data(), parameters.size()});
    }

private:
    static std::string text(DoraText_t text)
    {
        return text.len == 0 ? std::string() : std::string(text.ptr, text.len);
    }

    static DoraText_t text(const std::string &text) noexcept
    {
        return DoraText_t{text.data(), text.size()};
    }

    const value_type *find(std::string_view key) const noexcept
    {
        for (const auto &entry : entries_)
        {
            if (entry.first == key)
                return &entry.second;
        }
        return nullptr;
    }

    op_metadata &store(std::string_view key, value_type value)
    {
        for (auto &entry : entries_)
        {
            if (entry.first == key)
            {
                entry.second = std::move(value);
                return *this;
            }
        }
        entries_.emplace_back(std::string(key), std::move(value));
        return *this;
    }

    void read(const DoraParameter_t &parameter)
    {
        const std::string key = text(parameter.key);
        switch (parameter.kind)
        {
            case DORA_PARAMETER_BOOL: set(key, parameter.value.boolean); break;
            case DORA_PARAMETER_INTEGER: set(key, parameter.value.integer); break;
            case DORA_PARAMETER_FLOAT: set(key, parameter.value.floating); break;
            case DORA_PARAMETER_STRING: set(key, text(parameter.value.string)); break;
            case DORA_PARAMETER_INTEGERS: set(key, span<const std::int64_t>(parameter.value.integers, parameter.count)); break;
            case DORA_PARAMETER_FLOATS: set(key, span<const double>(parameter.value.floats, parameter.count)); break;
            case DORA_PARAMETER_STRINGS:
            {
                std::vector<std::string> texts;
                for (std::size_t i = 0; i < parameter.count; i++)
                    texts.push_back(text(parameter.value.strings[i]));
                set(key, texts);
                break;
            }
            case DORA_PARAMETER_TIMESTAMP: set(key, time_point(std::chrono::nanoseconds(parameter.value.timestamp_ns))); break;
            default: break;
        }
    }

    static DoraParameter_t write(const std::string &key, const value_type &value, std::vector<std::vector<DoraText_t>> &texts)
    {
        DoraParameter_t parameter{};
        parameter.key = text(key);
        parameter.kind = static_cast<int>(value.index()) + 1; // the variant has the order of dora_parameter_kind
        if (const bool *boolean = std::get_if<bool>(&value))
            parameter.value.boolean = *boolean;
        else if (const std::int64_t *integer = std::get_if<std::int64_t>(&value))
            parameter.value.integer = *integer;
        else if (const double *floating = std::get_if<double>(&value))
            parameter.value.floating = *floating;
        else if (const std::string *string = std::get_if<std::string>(&value))
            parameter.value.string = text(*string);
        else if (const time_point *time = std::get_if<time_point>(&value))
            parameter.value.timestamp_ns = static_cast<std::uint64_t>(time->time_since_epoch().count());
        else if (const auto *integers = std::get_if<std::vector<std::int64_t>>(&value))
        {
            parameter.count = integers->size();
            parameter.value.integers = integers->data();
        }
        else if (const auto *floats = std::get_if<std::vector<double>>(&value))
        {
            parameter.count = floats->size();
            parameter.value.floats = floats->data();
        }
        else if (const auto *strings = std::get_if<std::vector<std::string>>(&value))
        {
            std::vector<DoraText_t> views;
            for (const std::string &string_ : *strings)
                views.push_back(text(string_));
            texts.push_back(std::move(views));
            parameter.count = strings->size();
            parameter.value.strings = texts.back().data();
        }
        return parameter;
    }

    std::vector<std::pair<std::string, value_type>> entries_;
};
} // namespace dora

#endif
