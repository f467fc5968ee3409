// Changes of trust while a gate runs. Part of tollgate.hpp: include that.
//
// SPDX-License-Identifier: MIT OR Apache-2.0

#ifndef TOLLGATE_UPDATE_HPP
#define TOLLGATE_UPDATE_HPP

#include <cstdint>
#include <memory>
#include <string_view>

#include "request.hpp"
#include "status.hpp"

namespace tollgate {

/// Changes that belong together: collected here, applied by gate::apply() all at once or not at all. One
/// thread at a time uses it. It copies what it is told, and looks at most of it only when it is applied. One
/// that was moved from takes nothing.
class update {
public:
    /// Changes nothing yet.
    update() noexcept {
        tollgate_update *raw = nullptr;
        // Without one, each change says TOLLGATE_E_NULL.
        if (tollgate_update_new(&raw) == TOLLGATE_DONE) raw_.reset(raw);
    }

    /// Another configuration, of a gate that was made by gate::from_text(). At most 4 MiB.
    result<> configuration(std::string_view toml) noexcept {
        return {tollgate_update_configuration(raw(), toml.data(), toml.size()), {}};
    }

    /// The keys (JSON, RFC 7517, at most 1 MiB) of an Entra tenant or a site, by its GUID, or of an [[oidc]],
    /// by its name, instead of those that the configuration names, from now on.
    result<> keys(method of, std::string_view name, std::string_view jwks) noexcept {
        const bytes set(jwks);
        return {tollgate_update_keys(raw(), internal::number_of(of), name.data(), name.size(),
                                     set.data, set.len),
                {}};
    }

    /// The trust anchors (PEM, or one as DER, at most 1 MiB) of a [[pki]], from now on.
    result<> anchors(std::string_view pki, bytes certificates) noexcept {
        return {tollgate_update_anchors(raw(), pki.data(), pki.size(), certificates.data,
                                        certificates.len),
                {}};
    }

    /// Switches an Entra tenant or an OpenID Connect issuer off or on, whatever its `enabled` says.
    result<> tenant(method of, std::string_view name, bool enabled) noexcept {
        return {tollgate_update_tenant(raw(), internal::number_of(of), name.data(), name.size(),
                                       enabled ? 1 : 0),
                {}};
    }

    /// Refuses what was issued to a client, user or device; `scope` is the GUID of its site or tenant, `id`
    /// its own. What was issued from `issued_before` on (seconds since 1970) stays good; 0: nothing does.
    result<> withdraw(withdrawn whom, std::string_view scope, std::string_view id,
                      std::int64_t issued_before = 0) noexcept {
        return {tollgate_update_withdraw(raw(), internal::number_of(whom), scope.data(),
                                         scope.size(), id.data(), id.size(), issued_before),
                {}};
    }

    /// Takes a withdrawal back.
    result<> restore(withdrawn whom, std::string_view scope, std::string_view id) noexcept {
        return {tollgate_update_restore(raw(), internal::number_of(whom), scope.data(),
                                        scope.size(), id.data(), id.size()),
                {}};
    }

    /// For functions of tollgate.h; NULL where it was moved from.
    [[nodiscard]] tollgate_update *raw() noexcept { return raw_.get(); }

private:
    struct free {
        void operator()(tollgate_update *update) const noexcept { tollgate_update_free(update); }
    };

    std::unique_ptr<tollgate_update, free> raw_;
};

} // namespace tollgate

#endif // TOLLGATE_UPDATE_HPP
