// What a program lends to a gate: a log and a clock. Part of tollgate.hpp: include that.
//
// SPDX-License-Identifier: MIT OR Apache-2.0

#ifndef TOLLGATE_HOST_HPP
#define TOLLGATE_HOST_HPP

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <utility>

#include "status.hpp"

namespace tollgate {

/// Where a gate says what concerns itself, never a credential. Called by any thread that is inside a call of
/// the gate, by its refresh thread, and by several at once. It must not destroy the gate, nor use a scratch
/// that is in use by the call it came from.
class host_log {
public:
    virtual ~host_log() = default;
    /// One line; a view that is good during the call.
    virtual void line(level how, std::string_view text) noexcept = 0;
};

/// The clock of a gate, instead of the system's. Called by any thread that is inside a call of the gate, and by
/// several at once.
class host_clock {
public:
    virtual ~host_clock() = default;
    virtual moment now() noexcept = 0;
};

/// How a gate is made. It owns log and clock until the gate does, which destroys them when it, all its copies
/// and each scratch that used it last are gone.
class options {
public:
    /// How many processes make a gate of this configuration and share this machine: `cache.max_bytes` is
    /// divided by it. 0 means 1.
    options &processes(std::uint32_t number) noexcept {
        processes_ = number;
        return *this;
    }

    options &log(std::unique_ptr<host_log> lines) noexcept {
        log_ = std::move(lines);
        return *this;
    }

    options &clock(std::unique_ptr<host_clock> time) noexcept {
        clock_ = std::move(time);
        return *this;
    }

private:
    friend class gate;

    /// What a gate owns.
    struct lent {
        std::unique_ptr<host_log> log;
        std::unique_ptr<host_clock> clock;

        static void on_line(void *user, std::uint32_t how, const char *text,
                            std::size_t len) noexcept {
            static_cast<lent *>(user)->log->line(static_cast<level>(how), {text, len});
        }
        static void on_time(void *user, std::int64_t *unix_s, std::uint64_t *mono_ms) noexcept {
            const moment now = static_cast<lent *>(user)->clock->now();
            *unix_s = now.unix_s;
            *mono_ms = now.mono_ms;
        }
        static void on_drop(void *user) noexcept { delete static_cast<lent *>(user); }
    };

    /// As C has them. From here on the drop callback destroys what is lent, or whoever finds that the options
    /// themselves were not taken.
    tollgate_options handed_over() && noexcept {
        tollgate_options raw{};
        raw.size = sizeof raw;
        raw.processes = processes_;
        if (log_ == nullptr && clock_ == nullptr) return raw;
        if (log_ != nullptr) raw.log = lent::on_line;
        if (clock_ != nullptr) raw.clock = lent::on_time;
        raw.drop = lent::on_drop;
        raw.user = new lent{std::move(log_), std::move(clock_)};
        return raw;
    }

    std::uint32_t processes_ = 0;
    std::unique_ptr<host_log> log_;
    std::unique_ptr<host_clock> clock_;
};

} // namespace tollgate

#endif // TOLLGATE_HOST_HPP
