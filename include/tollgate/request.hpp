// What a client presented, for tollgate. Part of tollgate.hpp: include that.
//
// SPDX-License-Identifier: MIT OR Apache-2.0

#ifndef TOLLGATE_REQUEST_HPP
#define TOLLGATE_REQUEST_HPP

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "status.hpp"

namespace tollgate {

/// A view of bytes: of a pointer and a size, or of anything that has data() and size() of bytes, as
/// std::vector<unsigned char>, std::array, std::string and std::span do.
struct bytes : tollgate_bytes {
    bytes() noexcept : tollgate_bytes{nullptr, 0} {}
    bytes(const void *first, std::size_t size) noexcept
        : tollgate_bytes{static_cast<const std::uint8_t *>(first), size} {}
    template <class Range,
              class = std::enable_if_t<sizeof(*std::declval<const Range &>().data()) == 1>>
    bytes(const Range &range) noexcept : bytes(range.data(), range.size()) {}
};

/// Views of one header of a request: its name, in any letter case, and its value.
struct header : tollgate_header {
    header(std::string_view named, std::string_view says) noexcept
        : tollgate_header{{named.data(), named.size()}, bytes(says)} {}
};

static_assert(sizeof(bytes) == sizeof(tollgate_bytes), "arrays of it are C's");
static_assert(sizeof(header) == sizeof(tollgate_header), "arrays of it are C's");

/// The client's certificates, read once a connection and passed to every check on it. Several threads may use
/// it at once. It belongs to no gate.
///
/// Certificates that cannot be taken, for whatever reason, are a peer as well, and so is one that was moved
/// from: each request that it comes with is refused. So nobody passes whose peer was not looked at.
class [[nodiscard]] peer {
public:
    /// No certificates.
    peer() noexcept = default;
    peer(peer &&other) noexcept
        : raw_(std::move(other.raw_)), number_(std::exchange(other.number_, TOLLGATE_E_NULL)) {}
    peer &operator=(peer &&other) noexcept {
        if (this != &other) {
            raw_ = std::move(other.raw_);
            number_ = std::exchange(other.number_, TOLLGATE_E_NULL);
        }
        return *this;
    }

    /// Reads certificates as DER, the client's own first, that your own TLS library verified possession of on
    /// this very connection: a chain copied from elsewhere proves nothing. For headers there is
    /// gate::peer_from_headers().
    static peer from_chain(const bytes *chain, std::size_t count) noexcept {
        return made_by([&](tollgate_peer **raw) { return tollgate_peer_new(chain, count, raw); });
    }

    /// The same from PEM text, or from the DER of one certificate.
    static peer from_pem(std::string_view pem) noexcept {
        return made_by([&](tollgate_peer **raw) {
            return tollgate_peer_from_pem(pem.data(), pem.size(), raw);
        });
    }

    /// TOLLGATE_DONE; the reason for which it refuses, 1000 or more; less than 0 for misuse and faults, and
    /// then it refuses as well.
    tollgate::status status() const noexcept { return tollgate::status(number_); }

    /// Whether there are certificates, good or bad.
    [[nodiscard]] bool has_certificates() const noexcept { return raw() != nullptr; }

    /// SHA-256 of the client's own certificate, by which tokens are bound to it (`x5t#S256`, RFC 8705); none
    /// where there is none that could be read.
    [[nodiscard]] std::optional<std::array<std::uint8_t, 32>> thumbprint() const noexcept {
        std::array<std::uint8_t, 32> print{};
        const auto returned = tollgate_peer_thumbprint(raw(), print.data());
        return returned == TOLLGATE_DONE ? std::optional(print) : std::nullopt;
    }

    /// For functions of tollgate.h; NULL where there are no certificates.
    [[nodiscard]] const tollgate_peer *raw() const noexcept { return raw_.get(); }

private:
    friend class gate;

    struct free {
        void operator()(tollgate_peer *peer) const noexcept { tollgate_peer_free(peer); }
    };

    template <class Call> static peer made_by(Call call) noexcept {
        peer made;
        tollgate_peer *raw = nullptr;
        made.number_ = call(&raw);
        made.raw_.reset(raw);
        return made;
    }

    std::unique_ptr<tollgate_peer, free> raw_;
    std::int32_t number_ = TOLLGATE_DONE;
};

/// What a client presented on one request, and what the gateway wants to know: tollgate_request, field by
/// field, each 0 until it is set. One a thread at a time.
///
/// It borrows: token, endpoint and peer have to stay as they are until the check is over, token and peer until
/// no more texts of the verdict are asked for.
class request {
public:
    /// Nothing is presented.
    request() noexcept { raw_.size = sizeof raw_; }

    /// A bearer token: what stands behind "Bearer ", as it came; any bytes are safe. None, if empty.
    explicit request(std::string_view bearer) noexcept : request() { token(bearer); }

    request &token(std::string_view bearer) noexcept {
        raw_.token = bytes(bearer);
        return *this;
    }

    /// The client's certificates.
    request &with_peer(const peer &client) noexcept {
        raw_.peer = client.raw();
        // No size is 0: the check says TOLLGATE_E_SIZE.
        raw_.size = client.status().number() < 0 ? 0 : sizeof raw_;
        return *this;
    }

    /// Views of what is gone when the check comes.
    template <class Text, class = std::enable_if_t<std::is_same_v<Text, std::string>>>
    explicit request(Text &&bearer) = delete;
    template <class Text, class = std::enable_if_t<std::is_same_v<Text, std::string>>>
    request &token(Text &&bearer) = delete;
    request &with_peer(peer &&client) = delete;

    /// The configured endpoint at which the request arrived; empty means the only one there is.
    request &endpoint(std::string_view name) noexcept {
        raw_.endpoint = {name.data(), name.size()};
        return *this;
    }

    /// Whom the endpoint serves: the device, unless it is set.
    request &scenario(tollgate::scenario whom) noexcept {
        raw_.scenario = internal::number_of(whom);
        return *this;
    }

    /// The time at which it is judged; each of the two that is 0 means now, by the gate's clock.
    request &at(moment now) noexcept {
        raw_.unix_s = now.unix_s;
        raw_.mono_ms = now.mono_ms;
        return *this;
    }

    /// The client's Windows version, as clients send it: "10.0.19045". Of another text nothing is known.
    result<> windows(std::string_view version) noexcept {
        return {tollgate_request_set_windows(&raw_, version.data(), version.size()), {}};
    }

    /// The client's IP address, 4 or 16 bytes in network order: what wrong signatures of one source may cost
    /// is bounded.
    result<> address(bytes ip) noexcept {
        return {tollgate_request_set_address(&raw_, ip.data, ip.len), {}};
    }

    /// For functions of tollgate.h, and for fields that have no name here.
    [[nodiscard]] tollgate_request &raw() noexcept { return raw_; }
    [[nodiscard]] const tollgate_request &raw() const noexcept { return raw_; }

private:
    tollgate_request raw_{};
};

static_assert(sizeof(request) == sizeof(tollgate_request), "arrays of it are C's");
static_assert(std::is_standard_layout_v<request>, "a pointer to it is one to its only member");

} // namespace tollgate

#endif // TOLLGATE_REQUEST_HPP
