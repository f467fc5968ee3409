// What tollgate says of a request, in numbers. Part of tollgate.hpp: include that.
//
// SPDX-License-Identifier: MIT OR Apache-2.0

#ifndef TOLLGATE_VERDICT_HPP
#define TOLLGATE_VERDICT_HPP

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <type_traits>

#include "status.hpp"

namespace tollgate {

/// A GUID's bytes, in the order of its text.
using guid = std::array<std::uint8_t, 16>;

/// The answer to one check, in numbers. Made without one, it reads as refused.
class [[nodiscard]] verdict {
public:
    verdict() noexcept { raw_.size = sizeof raw_; }

    /// Whether the request may pass.
    [[nodiscard]] explicit operator bool() const noexcept { return admitted(); }
    [[nodiscard]] bool admitted() const noexcept {
        return raw_.status == TOLLGATE_ADMITTED && raw_.admitted == 1;
    }

    /// TOLLGATE_ADMITTED, the reason of a refusal (1000 or more), misuse or a fault (less than 0); 0 without a
    /// check.
    tollgate::status status() const noexcept { return tollgate::status(raw_.status); }

    /// "admitted", or the reason's name, as "expired".
    [[nodiscard]] const char *reason_name() const noexcept { return status().name(); }

    /// All that outsiders may see: 200, 401, 403, 503.
    [[nodiscard]] std::uint32_t http_status() const noexcept { return status().http_status(); }

    [[nodiscard]] tollgate::method method() const noexcept {
        return static_cast<tollgate::method>(raw_.method);
    }

    [[nodiscard]] tollgate::kind kind() const noexcept {
        return static_cast<tollgate::kind>(raw_.kind);
    }

    /// The Entra tenant.
    [[nodiscard]] std::optional<guid> tenant() const noexcept {
        return guid_of(TOLLGATE_HAS_TENANT, raw_.tenant);
    }

    /// The Entra user: the immutable object id.
    [[nodiscard]] std::optional<guid> user() const noexcept {
        return guid_of(TOLLGATE_HAS_USER, raw_.user);
    }

    /// The Entra device, or the client of a site.
    [[nodiscard]] std::optional<guid> device() const noexcept {
        return guid_of(TOLLGATE_HAS_DEVICE, raw_.device);
    }

    /// Whether the client proved a key that the credential is bound to.
    [[nodiscard]] bool is_bound() const noexcept { return (raw_.flags & TOLLGATE_IS_BOUND) != 0; }

    /// Whether a certificate of a PKI came beside the token and was judged as well: texts::certificate().
    [[nodiscard]] bool has_certificate() const noexcept {
        return (raw_.flags & TOLLGATE_HAS_CERTIFICATE) != 0;
    }

    /// When the credential ends, or the certificate beside it, in seconds since 1970 (UTC); the skew of the
    /// configuration lets a token pass that much longer. 0 where nobody was admitted.
    [[nodiscard]] std::int64_t expires_s() const noexcept { return raw_.expires_s; }

    /// What the next two are, for a refusal.
    [[nodiscard]] tollgate::detail detail() const noexcept {
        return static_cast<tollgate::detail>(raw_.detail);
    }

    /// What was found, and what is allowed, in bytes, a number, or seconds.
    [[nodiscard]] std::int64_t found() const noexcept { return raw_.detail_found; }
    [[nodiscard]] std::int64_t limit() const noexcept { return raw_.detail_limit; }

    /// For functions of tollgate.h.
    [[nodiscard]] const tollgate_verdict &raw() const noexcept { return raw_; }

private:
    friend class gate;

    std::optional<guid> guid_of(std::uint32_t flag, const std::uint8_t (&from)[16]) const noexcept {
        if ((raw_.flags & flag) == 0) return std::nullopt;
        guid to{};
        for (std::size_t at = 0; at < to.size(); ++at) to[at] = from[at];
        return to;
    }

    tollgate_verdict raw_{};
};

static_assert(sizeof(verdict) == sizeof(tollgate_verdict), "arrays of it are C's");
static_assert(std::is_standard_layout_v<verdict>, "a pointer to it is one to its only member");

} // namespace tollgate

#endif // TOLLGATE_VERDICT_HPP
