// What tollgate says of a request, in texts. Part of tollgate.hpp: include that.
//
// SPDX-License-Identifier: MIT OR Apache-2.0
//
// A text is a view of its scratch's memory: it is good until that scratch is used for another check, batch,
// choice, explanation or metrics, or is destroyed; the token and the peer of the request have to stay for as
// long as well. Copy what has to stay longer. Whoever asks for a text of an answer whose scratch was used again
// meanwhile gets none, never somebody else's; but a view that he has already is void, and nothing tells.

#ifndef TOLLGATE_TEXTS_HPP
#define TOLLGATE_TEXTS_HPP

#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <optional>
#include <string_view>

#include "verdict.hpp"

namespace tollgate {
namespace internal {

/// A scratch and how often it was used, at one place for as long as it lives.
struct desk {
    tollgate_scratch *raw;
    std::uint64_t turn;
};

struct free_desk {
    void operator()(desk *used) const noexcept {
        tollgate_scratch_free(used->raw);
        delete used;
    }
};

} // namespace internal

/// Texts of one answer, read when they are asked for. They are UTF-8, may hold every character that a token or
/// a certificate may hold, and have a NUL behind them that is not counted: encode them before they become a
/// header or a line of a log. Empty where there is no such text, as nobody who was refused has an id.
///
/// Belongs to its scratch's thread, and must not be asked when that is destroyed.
class [[nodiscard]] texts {
public:
    /// None.
    texts() noexcept = default;

    /// Whether the scratch still has them.
    [[nodiscard]] bool are_current() const noexcept { return scratch() != nullptr; }

    /// One name across methods: "entra:<tenant>:<object>", "oidc:<name>:<subject>",
    /// "pki:<pki>:<kind of name>:<name>", "site:<site>:<client>".
    [[nodiscard]] std::string_view id() const noexcept { return text(TOLLGATE_TEXT_ID); }

    /// Who vouches: the issuer, the PKI, or the site.
    [[nodiscard]] std::string_view authority() const noexcept {
        return text(TOLLGATE_TEXT_AUTHORITY);
    }

    /// The subject in the authority's own words.
    [[nodiscard]] std::string_view subject() const noexcept { return text(TOLLGATE_TEXT_SUBJECT); }

    /// GUIDs as text, where the verdict has them.
    [[nodiscard]] std::string_view tenant_text() const noexcept {
        return text(TOLLGATE_TEXT_TENANT);
    }
    [[nodiscard]] std::string_view user_text() const noexcept { return text(TOLLGATE_TEXT_USER); }
    [[nodiscard]] std::string_view device_text() const noexcept {
        return text(TOLLGATE_TEXT_DEVICE);
    }

    /// The id of the certificate that was judged beside the token.
    [[nodiscard]] std::string_view certificate() const noexcept {
        return text(TOLLGATE_TEXT_CERTIFICATE);
    }

    /// A refusal in one line for a log. It holds no text of the credential.
    [[nodiscard]] std::string_view refusal() const noexcept { return text(TOLLGATE_TEXT_REFUSAL); }

    /// The name of the member or claim at fault.
    [[nodiscard]] std::string_view member() const noexcept { return text(TOLLGATE_TEXT_MEMBER); }

    /// A claim that the endpoint forwards (`forward_claims`): a string as its text, everything else as JSON;
    /// none where there is no such claim.
    [[nodiscard]] std::optional<std::string_view> claim(std::string_view name) const noexcept {
        tollgate_text view{};
        const auto returned =
            tollgate_verdict_claim(scratch(), name.data(), name.size(), &view);
        if (returned != TOLLGATE_DONE) return std::nullopt;
        return std::string_view(view.data, view.len);
    }

    class claim_range;

    /// All of those: `for (auto [name, value] : answer.claims())`.
    [[nodiscard]] claim_range claims() const noexcept;

    /// All claims of the token as the JSON that its issuer signed, for logs and backends.
    [[nodiscard]] std::string_view payload() const noexcept {
        tollgate_bytes view{};
        if (tollgate_verdict_payload(scratch(), &view) != TOLLGATE_DONE) return "";
        return {reinterpret_cast<const char *>(view.data), view.len};
    }

private:
    friend class gate;
    friend class scratch;

    explicit texts(internal::desk *desk) noexcept
        : desk_(desk), turn_(desk != nullptr ? desk->turn : 0) {}

    /// NULL where the texts are gone, for which C has a status.
    tollgate_scratch *scratch() const noexcept {
        return desk_ != nullptr && desk_->turn == turn_ ? desk_->raw : nullptr;
    }

    std::string_view text(std::uint32_t which) const noexcept {
        tollgate_text view{};
        if (tollgate_verdict_text(scratch(), which, &view) != TOLLGATE_DONE) return "";
        return {view.data, view.len};
    }

    internal::desk *desk_ = nullptr;
    std::uint64_t turn_ = 0;
};

/// A claim's name and its text.
struct claim {
    std::string_view name;
    std::string_view value;
};

/// The claims of an answer, one after the other.
class texts::claim_range {
public:
    class iterator {
    public:
        const tollgate::claim &operator*() const noexcept { return *found_; }
        const tollgate::claim *operator->() const noexcept { return &*found_; }
        iterator &operator++() noexcept {
            ++index_;
            find();
            return *this;
        }
        /// Whether it is at the end or not: the end is all that an iterator is compared with.
        bool operator!=(const iterator &end) const noexcept {
            return found_.has_value() != end.found_.has_value();
        }

    private:
        friend class claim_range;

        iterator() noexcept = default;
        explicit iterator(const texts &of) noexcept : of_(of) { find(); }

        void find() noexcept {
            tollgate_text name{};
            tollgate_text value{};
            const auto returned = tollgate_verdict_claim_at(of_.scratch(), index_, &name, &value);
            found_.reset();
            if (returned == TOLLGATE_DONE) {
                found_ = tollgate::claim{{name.data, name.len}, {value.data, value.len}};
            }
        }

        texts of_;
        std::size_t index_ = 0;
        std::optional<tollgate::claim> found_;
    };

    [[nodiscard]] iterator begin() const noexcept { return iterator(of_); }
    [[nodiscard]] iterator end() const noexcept { return iterator(); }

private:
    friend class texts;
    explicit claim_range(const texts &of) noexcept : of_(of) {}
    texts of_;
};

inline texts::claim_range texts::claims() const noexcept { return claim_range(*this); }

/// What a check said: the verdict, and its texts.
class [[nodiscard]] answer : public verdict, public texts {
    friend class gate;
};

/// What an explanation said: the status, its texts, and the steps that led there.
class [[nodiscard]] explanation : public texts {
public:
    /// As of the check.
    [[nodiscard]] explicit operator bool() const noexcept { return static_cast<bool>(status_); }
    tollgate::status status() const noexcept { return status_; }

    /// What was looked at, found and expected, and the remedy: several lines. For the operator only: claims
    /// and names of the credential are in it, its signature is not.
    [[nodiscard]] std::string_view lines() const noexcept {
        return are_current() ? lines_ : "";
    }

private:
    friend class gate;
    tollgate::status status_;
    std::string_view lines_ = "";
};

/// The working memory of one thread: it owns the texts of the last answer. Used for any gate, by one thread at
/// a time. One that was moved from has nothing to write on: checks with it are refused.
class scratch {
public:
    scratch() noexcept : desk_(new (std::nothrow) internal::desk{nullptr, 0}) {
        if (desk_ != nullptr && tollgate_scratch_new(&desk_->raw) != TOLLGATE_DONE) desk_.reset();
    }

    /// Texts of one verdict of the last batch; none where the last call was no batch, or has no such verdict.
    /// They are good until the next is chosen.
    texts choose(std::size_t index) noexcept {
        internal::desk *desk = turned();
        if (tollgate_batch_choose(raw(), index) != TOLLGATE_DONE) return texts();
        return texts(desk);
    }

    /// For functions of tollgate.h, after which texts of earlier answers must not be asked for; NULL where it
    /// was moved from.
    [[nodiscard]] tollgate_scratch *raw() const noexcept {
        return desk_ != nullptr ? desk_->raw : nullptr;
    }

private:
    friend class gate;

    /// Another turn begins: what was said in those before is void.
    internal::desk *turned() noexcept {
        if (desk_ != nullptr) ++desk_->turn;
        return desk_.get();
    }

    std::unique_ptr<internal::desk, internal::free_desk> desk_;
};

} // namespace tollgate

#endif // TOLLGATE_TEXTS_HPP
