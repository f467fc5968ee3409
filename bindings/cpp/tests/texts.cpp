// Names and claims, and that nobody gets somebody else's.

#include <map>
#include <string>

#include "expect.hpp"

namespace {

using namespace tollgate;

std::string hex(const guid &bytes) {
    static const char digits[] = "0123456789abcdef";
    std::string text;
    for (const auto byte : bytes) {
        text += digits[byte >> 4];
        text += digits[byte & 15];
        const auto length = text.size();
        if (length == 8 || length == 13 || length == 18 || length == 23) text += '-';
    }
    return text;
}

void of_a_user(const folder &files) {
    const gate gate = files.gate();
    scratch scratch;
    const std::string token = files.read("user.jwt");
    const std::string tenant = files.read("tenant.id");
    const std::string user = files.read("user.id");
    const std::string device = files.read("user-device.id");
    const answer said = gate.check(scratch, request(token).scenario(scenario::user));
    EXPECT(said && said.status().number() == TOLLGATE_ADMITTED);
    EXPECT(said.reason_name() == std::string("admitted") && said.http_status() == 200);
    EXPECT(said.method() == method::entra && said.kind() == kind::user);
    EXPECT(said.tenant() && hex(*said.tenant()) == tenant && said.tenant_text() == tenant);
    EXPECT(said.user() && hex(*said.user()) == user && said.user_text() == user);
    EXPECT(said.device() && hex(*said.device()) == device && said.device_text() == device);
    EXPECT(said.id() == "entra:" + tenant + ":" + user);
    EXPECT(said.id().data()[said.id().size()] == '\0');
    EXPECT(said.authority().find(tenant) != std::string_view::npos);
    EXPECT(!said.subject().empty());
    EXPECT(!said.is_bound() && !said.has_certificate() && said.certificate().empty());
    EXPECT(said.refusal().empty() && said.member().empty());
    EXPECT(said.detail() == detail::none);
    const auto now = gate.now();
    EXPECT(now.ok() && said.expires_s() > now.value().unix_s);
    EXPECT(said.payload().front() == '{' && said.payload().back() == '}');
    EXPECT(said.payload().find(user) != std::string_view::npos);
    EXPECT(said.id().data() == said.id().data());
}

void of_claims(const folder &files) {
    const gate gate = files.gate();
    scratch scratch;
    const std::string token = files.read("workforce.jwt");
    const answer said = gate.check(scratch, request(token));
    EXPECT(said && said.id() == "oidc:workforce:somebody" && said.method() == method::oidc);
    EXPECT(said.subject() == "somebody" && !said.tenant() && said.tenant_text().empty());
    EXPECT(said.claim("email") == "somebody@example.org");
    EXPECT(said.claim("groups") == R"(["a","b"])");
    // In the token, but not forwarded; and in no token at all.
    EXPECT(!said.claim("sub") && !said.claim("absent") && !said.claim(""));
    std::map<std::string, std::string> all;
    for (const auto [name, value] : said.claims()) all.emplace(name, value);
    EXPECT(all.size() == 2);
    EXPECT(all["email"] == "somebody@example.org" && all["groups"] == R"(["a","b"])");

    const answer none = gate.check(scratch, request());
    for (const auto &claim : none.claims()) EXPECT(claim.name.empty());
    EXPECT(!none.claim("email") && none.payload().empty() && none.id().empty());
    EXPECT(none.refusal().substr(0, 20) == "no_credential (1001)");
}

void of_a_refusal(const folder &files) {
    const gate gate = files.gate();
    scratch scratch;
    const std::string expired = files.read("expired.jwt");
    const answer said = gate.check(scratch, request(expired));
    EXPECT(!said && said.refusal().substr(0, 14) == "expired (3001)");
    EXPECT(said.id().empty() && said.user_text().empty() && said.subject().empty());
    EXPECT(!(said.claims().begin() != said.claims().end()));
}

void of_one_client_only(const folder &files) {
    const gate gate = files.gate();
    scratch scratch;
    const std::string user = files.read("user.jwt");
    const std::string device = files.read("device.jwt");
    const answer first = gate.check(scratch, request(user));
    const std::string first_id(first.id());
    const auto first_claims = first.claims();
    const answer second = gate.check(scratch, request(device));
    EXPECT(first && second && first_id != second.id());
    // The numbers stay; the texts are gone, and those of the other are not given instead.
    EXPECT(first.user() && !first.are_current() && first.id().empty());
    EXPECT(first.payload().empty() && !first.claim("email") && first.subject().empty());
    EXPECT(!(first_claims.begin() != first_claims.end()));
    EXPECT(second.are_current() && !second.id().empty());

    EXPECT(gate.metrics(scratch).ok());
    EXPECT(!second.are_current() && second.id().empty());
    const answer third = gate.check(scratch, request(user));
    EXPECT(third.id() == first_id);
    const explanation told = gate.explain(scratch, request(device));
    EXPECT(told && third.id().empty() && !told.id().empty() && told.id() != first_id);
    EXPECT(!scratch.choose(0).are_current());
    EXPECT(told.id().empty() && told.lines().empty());
    // A copy is as old as what it was copied of.
    const answer fourth = gate.check(scratch, request(user));
    const answer copy = fourth;
    EXPECT(copy.id() == first_id && copy.id().data() == fourth.id().data());
    EXPECT(!gate.check(scratch, request()));
    EXPECT(copy.id().empty());
}

void of_an_explanation(const folder &files) {
    const gate gate = files.gate();
    scratch scratch;
    const std::string expired = files.read("expired.jwt");
    const explanation told = gate.explain(scratch, request(expired));
    EXPECT(!told && told.status().number() == TOLLGATE_REASON_EXPIRED);
    EXPECT(told.lines().find("\nrefuse  expired (3001)") != std::string_view::npos);
    EXPECT(told.lines().find("ok  signature") != std::string_view::npos);
    EXPECT(told.refusal().substr(0, 14) == "expired (3001)");
    // It remembers nothing.
    EXPECT(gate.counters().value().entries == 0);
}

void of_metrics(const folder &files) {
    const gate gate = files.gate();
    scratch scratch;
    const std::string user = files.read("user.jwt");
    const std::string expired = files.read("expired.jwt");
    for (int n = 0; n < 3; ++n) EXPECT(gate.check(request(user)));
    EXPECT(!gate.check(request(expired)));
    const auto counted = gate.counters();
    EXPECT(counted.ok() && counted.value().admitted == 3 && counted.value().refused == 1);
    EXPECT(counted.value().hits == 2 && counted.value().entries == 1);
    EXPECT(gate.refusals(status(TOLLGATE_REASON_EXPIRED)).value() == 1);
    EXPECT(gate.refusals(status(TOLLGATE_REASON_NO_CREDENTIAL)).value() == 0);
    EXPECT(gate.refusals(status(1)).status().number() == TOLLGATE_E_ARGUMENT);
    const auto text = gate.metrics(scratch);
    EXPECT(text.ok() && text.value().find("# TYPE tollgate_") != std::string_view::npos);
    EXPECT(gate.has_endpoint("internet").ok() && gate.has_endpoint("").ok());
    const auto absent = gate.has_endpoint("intranet");
    EXPECT(absent.status().number() == TOLLGATE_E_ABSENT);
    EXPECT(absent.message().find("internet") != std::string::npos);
    EXPECT(gate.cache_bytes() > 0);
}

} // namespace

void texts(const folder &files) {
    of_a_user(files);
    of_claims(files);
    of_a_refusal(files);
    of_one_client_only(files);
    of_an_explanation(files);
    of_metrics(files);
}
