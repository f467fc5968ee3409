// The gate: who is this, and may it pass? Part of tollgate.hpp: include that.
//
// SPDX-License-Identifier: MIT OR Apache-2.0

#ifndef TOLLGATE_GATE_HPP
#define TOLLGATE_GATE_HPP

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <type_traits>
#include <utility>

#include "host.hpp"
#include "request.hpp"
#include "status.hpp"
#include "texts.hpp"
#include "update.hpp"
#include "verdict.hpp"

namespace tollgate {

/// Requests or verdicts at equal distances: of a range (std::vector, std::array, std::span) of T or of what is
/// derived from it; or a first one, a number of them, and the bytes from one to the next.
template <class T> class strided {
public:
    strided(T *first, std::size_t count, std::size_t stride = sizeof(T)) noexcept
        : first_(first), count_(count), stride_(stride) {}
    template <class Range, class First = decltype(std::declval<Range &>().data()),
              class = std::enable_if_t<std::is_convertible_v<First, T *>>>
    strided(Range &&range) noexcept
        : strided(range.data(), range.size(), sizeof(*range.data())) {}

    [[nodiscard]] T *first() const noexcept { return first_; }
    [[nodiscard]] std::size_t count() const noexcept { return count_; }
    [[nodiscard]] std::size_t stride() const noexcept { return stride_; }

    /// Makes each what a new one is.
    void reset() const noexcept {
        auto *at = reinterpret_cast<unsigned char *>(first_);
        for (std::size_t n = 0; at != nullptr && n < count_; ++n, at += stride_) {
            *reinterpret_cast<T *>(at) = T();
        }
    }

private:
    T *first_;
    std::size_t count_;
    std::size_t stride_;
};

/// A configuration, the trust that it names, and the credentials that are remembered. Any thread may use it at
/// any time, several at once. A copy is one more owner of the same gate. An empty one refuses.
class gate {
public:
    /// Empty.
    gate() noexcept = default;
    gate(const gate &other) noexcept : raw_(tollgate_gate_clone(other.raw())) {}
    gate(gate &&) noexcept = default;
    gate &operator=(const gate &other) noexcept { return *this = gate(other); }
    gate &operator=(gate &&) noexcept = default;

    /// Of a configuration file and everything that it names. Starts no thread.
    static result<gate> from_file(std::string_view path, options how = options()) noexcept {
        return open(std::move(how), [&](auto *lent, tollgate_gate **made, char *text) {
            return tollgate_gate_from_file(lent, path.data(), path.size(), made, text,
                                           internal::message_room);
        });
    }

    /// Of a configuration in memory; paths in it are relative to `folder`, or to the current directory.
    static result<gate> from_text(std::string_view toml, std::string_view folder = {},
                                  options how = options()) noexcept {
        return open(std::move(how), [&](auto *lent, tollgate_gate **made, char *text) {
            return tollgate_gate_from_text(lent, toml.data(), toml.size(), folder.data(),
                                           folder.size(), made, text, internal::message_room);
        });
    }

    /// Judges one request.
    verdict check(const request &asked) const noexcept {
        verdict said;
        // What it returns stands in the verdict.
        (void)tollgate_check(raw(), nullptr, &asked.raw(), &said.raw_);
        return said;
    }

    /// The same, and texts may be asked for afterwards.
    answer check(scratch &texts_of, const request &asked) const noexcept {
        answer said;
        static_cast<texts &>(said) = texts(texts_of.turned());
        const tollgate_request *raw_request = texts_of.raw() != nullptr ? &asked.raw() : nullptr;
        (void)tollgate_check(raw(), texts_of.raw(), raw_request, &said.raw_);
        return said;
    }

    /// Judges many, those that are new on several threads; the verdicts come in the order of the requests, as
    /// many as those, at most TOLLGATE_BATCH_MOST. It is done whatever the verdicts are; where it could not be
    /// done, all verdicts read as refused.
    result<> check_batch(strided<const request> requests,
                         strided<verdict> verdicts) const noexcept {
        return batch(nullptr, requests, verdicts);
    }

    /// The same, and scratch::choose() has the texts of each afterwards.
    result<> check_batch(scratch &texts_of, strided<const request> requests,
                         strided<verdict> verdicts) const noexcept {
        (void)texts_of.turned();
        return batch(&texts_of, requests, verdicts);
    }

    /// Judges as check() does, remembers nothing, and writes down every step. Costs a signature each time.
    explanation explain(scratch &texts_of, const request &asked) const noexcept {
        explanation said;
        static_cast<texts &>(said) = texts(texts_of.turned());
        tollgate_text lines{"", 0};
        said.status_ = status(tollgate_explain(raw(), texts_of.raw(), &asked.raw(), &lines));
        said.lines_ = {lines.data, lines.len};
        return said;
    }

    /// The client's certificate where a proxy that ended TLS passed it on in a header (`peers.trusted`): a
    /// credential of its PKI, which proves no token's key. For each request. `address` is the proxy's IP in 4 or
    /// 16 bytes; `headers` are all of the request.
    peer peer_from_headers(bytes address, const header *headers,
                           std::size_t count) const noexcept {
        return peer::made_by([&](tollgate_peer **made) {
            return tollgate_peer_from_headers(raw(), address.data, address.len, headers, count,
                                              made);
        });
    }

    /// The same where the proxy is at the other end of a unix socket.
    peer peer_from_unix_headers(const header *headers, std::size_t count) const noexcept {
        return peer::made_by([&](tollgate_peer **made) {
            return tollgate_peer_from_headers(raw(), nullptr, TOLLGATE_ADDRESS_UNIX, headers, count,
                                              made);
        });
    }

    /// Applies an update: all of it, from the next check on, in every thread; or nothing. It is empty then.
    result<> apply(update &changes) const noexcept {
        return told([&](char *text) {
            return tollgate_gate_apply(raw(), changes.raw(), text, internal::message_room);
        });
    }

    /// Starts a thread that loads changed files again; after a fork, in each child.
    result<> start_refresh() const noexcept { return {tollgate_gate_start_refresh(raw()), {}}; }

    /// Ends it and waits for it.
    result<> stop_refresh() const noexcept { return {tollgate_gate_stop_refresh(raw()), {}}; }

    /// For hosts with a loop of their own: milliseconds until refresh() is due.
    [[nodiscard]] std::uint64_t refresh_due_ms() const noexcept {
        return tollgate_gate_refresh_due(raw());
    }

    /// Whether refresh() is due and would do more than look; opens no file.
    [[nodiscard]] bool needs_refresh() const noexcept {
        return tollgate_gate_needs_refresh(raw()) == TOLLGATE_DONE;
    }

    /// Looks once at every file, and loads all again if one has changed.
    result<> refresh() const noexcept {
        return told([&](char *text) {
            return tollgate_gate_refresh(raw(), text, internal::message_room);
        });
    }

    /// Whether an endpoint is configured; the message lists those that are.
    result<> has_endpoint(std::string_view name) const noexcept {
        return told([&](char *text) {
            return tollgate_gate_has_endpoint(raw(), name.data(), name.size(), text,
                                              internal::message_room);
        });
    }

    /// What all threads counted so far.
    result<tollgate_counters> counters() const noexcept {
        tollgate_counters counted{};
        counted.size = sizeof counted;
        const auto returned = tollgate_gate_counters(raw(), &counted);
        return {returned, counted};
    }

    /// How often a reason refused.
    result<std::uint64_t> refusals(status reason) const noexcept {
        std::uint64_t count = 0;
        const auto returned = tollgate_gate_refusals(raw(), reason.number(), &count);
        return {returned, count};
    }

    /// All counts as Prometheus text, to be sent as `text/plain; version=0.0.4`; a view as other texts are.
    result<std::string_view> metrics(scratch &texts_of) const noexcept {
        (void)texts_of.turned();
        tollgate_text text{"", 0};
        const auto returned = tollgate_gate_metrics(raw(), texts_of.raw(), &text);
        return {returned, std::string_view(text.data, text.len)};
    }

    /// The most that it remembers, in bytes.
    [[nodiscard]] std::uint64_t cache_bytes() const noexcept {
        return tollgate_gate_cache_bytes(raw());
    }

    /// The present by its clock.
    result<moment> now() const noexcept {
        moment now;
        const auto returned = tollgate_gate_now(raw(), &now.unix_s, &now.mono_ms);
        return {returned, now};
    }

    /// For functions of tollgate.h; NULL where it is empty.
    [[nodiscard]] const tollgate_gate *raw() const noexcept { return raw_.get(); }

private:
    struct free {
        void operator()(tollgate_gate *gate) const noexcept { tollgate_gate_free(gate); }
    };

    template <class Call> static result<gate> open(options how, Call call) noexcept {
        const tollgate_options raw = std::move(how).handed_over();
        gate made;
        tollgate_gate *place = nullptr;
        char text[internal::message_room] = "";
        const std::int32_t returned = call(&raw, &place, text);
        made.raw_.reset(place);
        if (returned == TOLLGATE_E_SIZE && raw.drop != nullptr) raw.drop(raw.user);
        return {returned, std::move(made), text};
    }

    template <class Call> static result<> told(Call call) noexcept {
        char text[internal::message_room] = "";
        const std::int32_t returned = call(text);
        return {returned, {}, text};
    }

    result<> batch(const scratch *texts_of, strided<const request> requests,
                   strided<verdict> verdicts) const noexcept {
        if (requests.count() != verdicts.count()) {
            verdicts.reset();
            return {TOLLGATE_E_ARGUMENT, {}, "a batch needs as many verdicts as requests"};
        }
        const bool is_lost = texts_of != nullptr && texts_of->raw() == nullptr;
        const auto returned = is_lost
            ? TOLLGATE_E_NULL
            : tollgate_check_batch(raw(), texts_of != nullptr ? texts_of->raw() : nullptr,
                                   reinterpret_cast<const tollgate_request *>(requests.first()),
                                   requests.stride(),
                                   reinterpret_cast<tollgate_verdict *>(verdicts.first()),
                                   verdicts.stride(), requests.count());
        if (returned != TOLLGATE_DONE) verdicts.reset();
        return {returned, {}};
    }

    std::unique_ptr<tollgate_gate, free> raw_;
};

/// Whether the library that is running has the binary interface of this header; if not, do not go on.
[[nodiscard]] inline bool abi_matches() noexcept {
    return tollgate_abi_version() == TOLLGATE_ABI_VERSION;
}

} // namespace tollgate

#endif // TOLLGATE_GATE_HPP
