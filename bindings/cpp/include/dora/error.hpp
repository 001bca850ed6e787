// SPDX-License-Identifier: Apache-2.0
// What goes wrong: dora::status for what is expected, dora::error for what is not.
#ifndef DORA_ERROR_HPP
#define DORA_ERROR_HPP

#include <string>
#include <system_error>

#include "dora/dora.h"

// Without exceptions (also chosen by defining DORA_NO_EXCEPTIONS, for the whole program), what would throw returns its status, or an
// empty object, and last_error() says why.
#if !defined(DORA_NO_EXCEPTIONS) && !defined(__cpp_exceptions) && !defined(_CPPUNWIND)
#define DORA_NO_EXCEPTIONS 1
#endif

#ifdef DORA_NO_EXCEPTIONS
#define DORA_NODISCARD [[nodiscard]]
#else
#define DORA_NODISCARD
#endif

namespace dora
{
/// What came of a call. Negative: an error, which only programs without exceptions see.
enum class DORA_NODISCARD status : int
{
    ok = DORA_OK,
    timeout = DORA_TIMEOUT,               ///< nothing came in time
    ended = DORA_ENDED,                   ///< there will be no more events
    back_pressured = DORA_BACK_PRESSURED, ///< a subscriber's queue is full, and it wants to lose nothing; try again
    pool_exhausted = DORA_POOL_EXHAUSTED, ///< all shared memory that the node may have is in use; try again
    stopping = DORA_STOPPING,             ///< waiting ended because the node shall stop; nothing was sent
    closed = DORA_CLOSED,                 ///< the output or the node was closed
    invalid_handle = DORA_ERROR_INVALID_HANDLE,
    invalid_argument = DORA_ERROR_INVALID_ARGUMENT,
    unknown_output = DORA_ERROR_UNKNOWN_OUTPUT,
    too_large = DORA_ERROR_TOO_LARGE,
    not_connected = DORA_ERROR_NOT_CONNECTED,
    wrong_event = DORA_ERROR_WRONG_EVENT,
    busy = DORA_ERROR_BUSY,
    bad_data = DORA_ERROR_BAD_DATA,
    not_found = DORA_ERROR_NOT_FOUND,
    unsupported = DORA_ERROR_UNSUPPORTED,
    internal = DORA_ERROR_INTERNAL
};

/// The text of this thread's last error.
inline const char *last_error() noexcept
{
    return dora_last_error();
}

/// Names of the statuses, for std::error_code.
class status_category final : public std::error_category
{
public:
    const char *name() const noexcept override
    {
        return "dora";
    }

    std::string message(int value) const override
    {
        switch (static_cast<status>(value))
        {
            case status::ok: return "ok";
            case status::timeout: return "nothing came in time";
            case status::ended: return "the node has ended";
            case status::back_pressured: return "a subscriber's queue is full";
            case status::pool_exhausted: return "all shared memory of the node is in use";
            case status::stopping: return "the node shall stop";
            case status::closed: return "the output or the node was closed";
            case status::invalid_handle: return "invalid handle";
            case status::invalid_argument: return "invalid argument";
            case status::unknown_output: return "the dataflow declares no such output";
            case status::too_large: return "the message is too large";
            case status::not_connected: return "not connected to a daemon";
            case status::wrong_event: return "the event has no such part";
            case status::busy: return "another thread is doing this";
            case status::bad_data: return "the data breaks the format";
            case status::not_found: return "not found";
            case status::unsupported: return "dora cannot carry this Arrow type";
            case status::internal: return "internal error";
        }
        return "status " + std::to_string(value);
    }
};

inline const std::error_category &category() noexcept
{
    static const status_category instance;
    return instance;
}

inline std::error_code make_error_code(status value) noexcept
{
    return std::error_code(static_cast<int>(value), category());
}

/// An error of dora: what() is the library's text, code() the status.
class error : public std::system_error
{
public:
    explicit error(status value, const char *text = last_error()) : std::system_error(make_error_code(value)), text_(text)
    {
    }

    const char *what() const noexcept override
    {
        return text_.c_str();
    }

private:
    std::string text_;
};

namespace detail
{
/// Throws what is an error; other statuses are the caller's to look at.
inline status check(dora_status result)
{
#ifndef DORA_NO_EXCEPTIONS
    if (result < 0)
        throw error(static_cast<status>(result));
#endif
    return static_cast<status>(result);
}

/// A yes or no that may be an error.
inline bool check_bool(int result)
{
    if (result < 0)
        (void)check(static_cast<dora_status>(result));
    return result > 0;
}
} // namespace detail
} // namespace dora

template <>
struct std::is_error_code_enum<dora::status> : std::true_type
{
};

#endif
