// What calls of tollgate return. Part of tollgate.hpp: include that.
//
// SPDX-License-Identifier: MIT OR Apache-2.0

#ifndef TOLLGATE_STATUS_HPP
#define TOLLGATE_STATUS_HPP

#if defined(_MSVC_LANG)
#define TOLLGATE_CPLUSPLUS _MSVC_LANG
#else
#define TOLLGATE_CPLUSPLUS __cplusplus
#endif
#if TOLLGATE_CPLUSPLUS < 201703L
#error "tollgate.hpp needs C++17: compile with -std=c++17 or later"
#endif

#include <cstddef>
#include <cstdint>
#include <string>
#include <type_traits>
#include <utility>

#include "../tollgate.h"

namespace tollgate {

/// For whom a request is: every method proves a device, only a token of a user proves a user.
enum class scenario : std::uint32_t {
    device = TOLLGATE_SCENARIO_DEVICE,
    user = TOLLGATE_SCENARIO_USER,
};

/// How a client was authenticated, or by which method it was refused.
enum class method : std::uint32_t {
    unknown = 0,
    entra = TOLLGATE_METHOD_ENTRA,
    oidc = TOLLGATE_METHOD_OIDC,
    pki = TOLLGATE_METHOD_PKI,
    site = TOLLGATE_METHOD_SITE,
};

/// What was proven: a user, and the device too where the credential names one; or a device alone.
enum class kind : std::uint32_t {
    nobody = 0,
    user = TOLLGATE_KIND_USER,
    device = TOLLGATE_KIND_DEVICE,
};

/// What found() and limit() of a refused verdict are: nothing, bytes or a number, or seconds. With `member`
/// texts::member() has the name of the claim at fault.
enum class detail : std::uint32_t {
    none = 0,
    count = TOLLGATE_DETAIL_COUNT,
    seconds = TOLLGATE_DETAIL_SECONDS,
    member = TOLLGATE_DETAIL_MEMBER,
};

/// Whom an update withdraws: a client of a site, a user or a device of an Entra tenant.
enum class withdrawn : std::uint32_t {
    client = TOLLGATE_WITHDRAW_CLIENT,
    user = TOLLGATE_WITHDRAW_USER,
    device = TOLLGATE_WITHDRAW_DEVICE,
};

/// How much a line of the log matters: something has to be mended, looks wrong, or was done as asked.
enum class level : std::uint32_t {
    error = TOLLGATE_LOG_ERROR,
    warning = TOLLGATE_LOG_WARNING,
    notice = TOLLGATE_LOG_NOTICE,
};

/// Seconds since 1970 (UTC), and milliseconds of a clock that never goes back. In a request, 0 means now.
struct moment {
    std::int64_t unix_s = 0;
    std::uint64_t mono_ms = 0;
};

/// One of the numbers that calls return. In a condition, TOLLGATE_ADMITTED is true and nothing else is. Made
/// with 0, which no call returns.
class [[nodiscard]] status {
public:
    constexpr status() noexcept = default;
    constexpr explicit status(std::int32_t number) noexcept : number_(number) {}

    /// Whether the request may pass.
    [[nodiscard]] constexpr explicit operator bool() const noexcept {
        return number_ == TOLLGATE_ADMITTED;
    }

    /// To be compared with TOLLGATE_REASON_* and TOLLGATE_E_*.
    [[nodiscard]] constexpr std::int32_t number() const noexcept { return number_; }

    /// "admitted", or a reason's name, as "expired": for scripts and logs. This text and those of the next
    /// three end in a NUL and are good for ever.
    [[nodiscard]] const char *name() const noexcept { return tollgate_reason_name(number_); }

    /// "malformed", "untrusted", "untimely", "unsuitable", "withdrawn", "undecidable"; "admitted"; "fault".
    [[nodiscard]] const char *class_name() const noexcept { return tollgate_reason_class(number_); }

    /// What was found, as one sentence for an operator.
    [[nodiscard]] const char *sentence() const noexcept {
        return tollgate_reason_sentence(number_);
    }

    /// What an operator does about it; "" where there is nothing to do.
    [[nodiscard]] const char *remedy() const noexcept { return tollgate_reason_remedy(number_); }

    /// All that outsiders may see: 401, 403, or 503 for what is not their fault; 200 for admitted alone.
    [[nodiscard]] std::uint32_t http_status() const noexcept {
        return tollgate_reason_http_status(number_);
    }

    friend constexpr bool operator==(status one, status other) noexcept {
        return one.number_ == other.number_;
    }
    friend constexpr bool operator!=(status one, status other) noexcept {
        return one.number_ != other.number_;
    }

private:
    std::int32_t number_ = 0;
};

/// The value of a call that gives none.
struct done {};

/// What came of a call that can fail. No bool: that something was done admits nobody.
template <class T = done> class [[nodiscard]] result {
public:
    /// Of what the C function returned and gave. Its line is `message`, or the status's own sentence.
    result(std::int32_t returned, T value, const char *message = "") noexcept
        : status_(returned), value_(std::move(value)) {
        if (!ok()) message_ = *message != '\0' ? message : status_.sentence();
    }

    /// Whether it was done.
    [[nodiscard]] constexpr bool ok() const noexcept { return status_.number() == TOLLGATE_DONE; }

    /// TOLLGATE_DONE, or why it was not done: TOLLGATE_E_*.
    constexpr tollgate::status status() const noexcept { return status_; }

    /// What is wrong, where, and what to do about it; empty where it was done.
    [[nodiscard]] const std::string &message() const noexcept { return message_; }

    /// What it gave. Where it was not done that is an empty one, which admits nobody.
    [[nodiscard]] const T &value() const & noexcept { return value_; }
    [[nodiscard]] T value() && noexcept { return std::move(value_); }

private:
    tollgate::status status_;
    T value_;
    std::string message_;
};

namespace internal {

/// Bytes of room for the message of a call.
constexpr std::size_t message_room = 1024;

template <class Enum> constexpr std::underlying_type_t<Enum> number_of(Enum value) noexcept {
    return static_cast<std::underlying_type_t<Enum>>(value);
}

} // namespace internal
} // namespace tollgate

#endif // TOLLGATE_STATUS_HPP
