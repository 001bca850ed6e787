// SPDX-License-Identifier: Apache-2.0
// Types of the C++ API in the form that dora's documentation shows (dora-node-api.h, dora-operator-api.h), in place of those of the cxx crate.
#ifndef DORA_DOCUMENTED_HPP
#define DORA_DOCUMENTED_HPP

#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "dora/span.hpp"

namespace dora
{
namespace documented
{
/// A view of values; rust::Slice.
template <class T>
class Slice : public span<T>
{
public:
    using span<T>::span;

    Slice() noexcept = default;

    std::size_t length() const noexcept
    {
        return this->size();
    }

    T &at(std::size_t index) const
    {
        if (index >= this->size())
            throw std::out_of_range("Slice: index " + std::to_string(index) + " of " + std::to_string(this->size()));
        return (*this)[index];
    }
};

/// UTF-8 text; rust::String.
class String : public std::string
{
public:
    using std::string::string;

    String() = default;

    String(std::string text) noexcept : std::string(std::move(text))
    {
    }

    explicit String(std::string_view text) : std::string(text)
    {
    }
};

/// A view of a text; rust::Str.
class Str : public std::string_view
{
public:
    using std::string_view::string_view;

    Str(const std::string &text) noexcept : std::string_view(text)
    {
    }

    explicit operator std::string() const
    {
        return std::string(data(), size());
    }
};

template <class T>
using Vec = std::vector<T>;

template <class T>
using Box = std::unique_ptr<T>;
} // namespace documented
} // namespace dora

#ifdef DORA_RUST_NAMES
namespace rust
{
using dora::documented::Box;
using dora::documented::Slice;
using dora::documented::Str;
using dora::documented::String;
using dora::documented::Vec;
} // namespace rust
#endif

#endif
