// SPDX-License-Identifier: Apache-2.0
// What the node and the operator in C++ have in common: the cases, their parameters, and the book of what was received.
// `Metadata` is dora::metadata in the node and dora::op_metadata in the operator; they have the same members.
#ifndef CASES_HPP
#define CASES_HPP

#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <map>
#include <set>
#include <stdexcept>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include <dora/parameter.hpp>
#include <dora/span.hpp>

#include "../c/arrow_values.h"

inline const std::array<std::string, 12> case_names = {
    "empty", "bytes-8", "bytes-4096", "bytes-4194304", "int64", "float32", "string", "struct", "list", "nulls", "null-struct", "sliced"};

inline const std::array<std::string, 10> peers = {
    "csharp-node", "python-node", "rust-node", "c-node", "cpp-node",
    "csharp-operator", "python-operator", "rust-operator", "c-operator", "cpp-operator"};

/// Something did not arrive as it was sent.
struct difference : std::runtime_error
{
    using std::runtime_error::runtime_error;
};

/// An Arrow array with its schema, released with this.
class arrow_value
{
public:
    arrow_value() : array{}, schema{}
    {
    }

    explicit arrow_value(const std::string &name) : arrow_value()
    {
        make_array(name.c_str(), &array, &schema);
    }

    arrow_value(const arrow_value &) = delete;
    arrow_value &operator=(const arrow_value &) = delete;

    ~arrow_value()
    {
        if (array.release != nullptr)
            array.release(&array);
        if (schema.release != nullptr)
            schema.release(&schema);
    }

    ArrowArray array;
    ArrowSchema schema;
};

/// Format, rows and checksum of a message.
struct description
{
    std::string format; // "C": plain bytes
    std::int64_t rows;
    std::int64_t checksum;

    bool operator==(const description &other) const
    {
        return std::tie(format, rows, checksum) == std::tie(other.format, other.rows, other.checksum);
    }
};

inline std::string to_string(const description &what)
{
    return "format " + what.format + ", " + std::to_string(what.rows) + " rows, checksum " + std::to_string(what.checksum);
}

inline description describe(dora::bytes data)
{
    std::uint32_t crc = 0;
    add_bytes(&crc, data.data(), data.size());
    return {"C", static_cast<std::int64_t>(data.size()), crc};
}

inline description describe(const arrow_value &value)
{
    return {value.schema.format, value.array.length, checksum_of_array(&value.array, &value.schema)};
}

inline bool is_bytes(const std::string &name)
{
    return name == "empty" || name.rfind("bytes-", 0) == 0;
}

inline std::size_t byte_count(const std::string &name)
{
    return name == "empty" ? 0 : std::stoul(name.substr(6));
}

inline void write_pattern(dora::span<std::uint8_t> data)
{
    for (std::size_t i = 0; i < data.size(); i++)
        data[i] = static_cast<std::uint8_t>(i * 7 % 251);
}

/// Of a case as it is here.
inline const description &describe(const std::string &name)
{
    static std::map<std::string, description> known;
    auto found = known.find(name);
    if (found == known.end())
    {
        std::vector<std::uint8_t> data(is_bytes(name) ? byte_count(name) : 0);
        write_pattern(data);
        found = known.emplace(name, is_bytes(name) ? describe(dora::bytes(data)) : describe(arrow_value(name))).first;
    }
    return found->second;
}

template <class T>
void add_list(std::uint32_t &crc, const std::vector<T> &values)
{
    add_u32(&crc, static_cast<std::uint32_t>(values.size()));
    add_bytes(&crc, values.data(), values.size() * sizeof(T));
}

/// Over all parameters but itself, in the order of their names.
template <class Metadata>
std::int64_t checksum_of_parameters(const Metadata &metadata)
{
    std::uint32_t crc = 0;
    std::vector<std::string> keys = metadata.keys();
    std::sort(keys.begin(), keys.end());
    for (const std::string &key : keys)
    {
        if (key == "metadata-checksum")
            continue;
        add_text(&crc, key.data(), key.size());
        add_byte(&crc, static_cast<std::uint8_t>(metadata.kind(key)));
        switch (metadata.kind(key))
        {
            case dora::parameter_kind::boolean: add_byte(&crc, *metadata.template get<bool>(key) ? 1 : 0); break;
            case dora::parameter_kind::integer:
            {
                const auto value = *metadata.template get<std::int64_t>(key);
                add_bytes(&crc, &value, sizeof value);
                break;
            }
            case dora::parameter_kind::floating:
            {
                const auto value = *metadata.template get<double>(key);
                add_bytes(&crc, &value, sizeof value);
                break;
            }
            case dora::parameter_kind::timestamp:
            {
                const std::uint64_t value = static_cast<std::uint64_t>(metadata.template get<dora::time_point>(key)->time_since_epoch().count());
                add_bytes(&crc, &value, sizeof value);
                break;
            }
            case dora::parameter_kind::string:
            {
                const auto value = *metadata.template get<std::string>(key);
                add_text(&crc, value.data(), value.size());
                break;
            }
            case dora::parameter_kind::integers: add_list(crc, *metadata.template get<std::vector<std::int64_t>>(key)); break;
            case dora::parameter_kind::floats: add_list(crc, *metadata.template get<std::vector<double>>(key)); break;
            case dora::parameter_kind::strings:
            {
                const auto values = *metadata.template get<std::vector<std::string>>(key);
                add_u32(&crc, static_cast<std::uint32_t>(values.size()));
                for (const std::string &value : values)
                    add_text(&crc, value.data(), value.size());
                break;
            }
            default: break;
        }
    }
    return crc;
}

/// What is sent with a case: what it is, and a parameter of every kind.
template <class Metadata>
Metadata metadata_of(const std::string &me, const std::string &name)
{
    const description &what = describe(name);
    Metadata metadata;
    metadata.set("case", name)
        .set("from", me)
        .set("format", what.format)
        .set("rows", what.rows)
        .set("checksum", what.checksum)
        .set("bool", true)
        .set("integer", std::int64_t{-9007199254740993})
        .set("float", 0.1)
        .set("string", "Gr\u00fc\u00dfe, \u4e16\u754c \U0001f642")
        .set("integers", std::vector<std::int64_t>{1, -2, std::numeric_limits<std::int64_t>::max()})
        .set("floats", std::vector<double>{0.5, -1e300})
        .set("strings", std::vector<std::string>{"one", "", "drei \u00e4"})
        .set("stamp", dora::time_point(std::chrono::microseconds(1700000000123456)));
    metadata.set("metadata-checksum", checksum_of_parameters(metadata));
    return metadata;
}

/// Who has sent what so far.
class book
{
public:
    explicit book(std::string me) : me_(std::move(me))
    {
        for (const std::string &peer : peers)
            missing_[peer].insert(case_names.begin(), case_names.end());
    }

    /// Throws a difference unless this message arrived as it was sent.
    /// Gives a line to print when it was the sender's last; else an empty one.
    template <class Metadata>
    std::string check(const std::string &sender, const Metadata &metadata, const description &received)
    {
        const std::string name = metadata.template get<std::string>("case").value_or("?");
        const std::string start = "differs " + me_ + " <- " + sender + ": case " + name + ": ";
        if (metadata.template get<std::int64_t>("metadata-checksum") != checksum_of_parameters(metadata))
            throw difference(start + "the checksum of the metadata is " + std::to_string(checksum_of_parameters(metadata)));
        const std::string from = metadata.template get<std::string>("from").value_or("?");
        if (from != sender)
            throw difference(start + "it comes from " + from);
        const description sent = {
            metadata.template get<std::string>("format").value_or("?"),
            metadata.template get<std::int64_t>("rows").value_or(-1),
            metadata.template get<std::int64_t>("checksum").value_or(-1)};
        if (!(received == sent))
            throw difference(start + to_string(received) + ", but sent was " + to_string(sent));
        if (std::find(case_names.begin(), case_names.end(), name) == case_names.end() || !(received == describe(name)))
            throw difference(start + "this is not what the case is here");
        if (missing_[sender].erase(name) == 0)
            throw difference(start + "came twice");
        if (!missing_[sender].empty())
            return std::string();
        std::string line = "checked " + me_ + " <- " + sender + ":";
        for (const std::string &checked : case_names)
            line += " " + checked;
        return line;
    }

    /// Throws a difference if something should still have come.
    void close(const std::string &sender) const
    {
        const std::set<std::string> &missing = missing_.at(sender);
        if (missing.empty())
            return;
        std::string line = "missing " + me_ + " <- " + sender + ":";
        for (const std::string &name : missing)
            line += " " + name;
        throw difference(line);
    }

    bool is_complete() const
    {
        return std::all_of(missing_.begin(), missing_.end(), [](const auto &entry) { return entry.second.empty(); });
    }

private:
    std::string me_;
    std::map<std::string, std::set<std::string>> missing_;
};

#endif
