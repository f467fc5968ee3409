// Trust that the host changes while the gate runs.

#include <string>

#include "expect.hpp"

namespace {

using namespace tollgate;

void withdrawals(const folder &files) {
    const gate gate = files.gate();
    const std::string token = files.read("user.jwt");
    const std::string tenant = files.read("tenant.id");
    const std::string user = files.read("user.id");
    const request asked(token);
    EXPECT(gate.check(asked));
    tollgate::update update;
    EXPECT(update.withdraw(withdrawn::user, tenant, user).ok());
    EXPECT(gate.check(asked));
    EXPECT(gate.apply(update).ok());
    EXPECT(gate.check(asked).status().number() == TOLLGATE_REASON_USER_WITHDRAWN);
    // It is empty afterwards: applied again it changes nothing.
    EXPECT(gate.apply(update).ok() && !gate.check(asked));
    EXPECT(update.restore(withdrawn::user, tenant, user).ok() && gate.apply(update).ok());
    EXPECT(gate.check(asked));
    EXPECT(update.withdraw(withdrawn::device, tenant, files.read("user-device.id"), 1'000).ok());
    EXPECT(gate.apply(update).ok() && gate.check(asked));
    EXPECT(update.withdraw(withdrawn::device, tenant, files.read("user-device.id")).ok());
    EXPECT(gate.apply(update).ok());
    EXPECT(gate.check(asked).status().number() == TOLLGATE_REASON_DEVICE_WITHDRAWN);
    const auto wrong = update.withdraw(withdrawn::user, "contoso", user);
    EXPECT(wrong.status().number() == TOLLGATE_E_ARGUMENT && !wrong.message().empty());
    EXPECT(gate.counters().value().updates >= 4);
}

void keys(const folder &files) {
    const gate gate = files.gate();
    const std::string tenant = files.read("tenant.id");
    const std::string user = files.read("user.jwt");
    const std::string rolled = files.read("rolled.jwt");
    EXPECT(gate.check(request(user)) && !gate.check(request(rolled)));
    tollgate::update update;
    EXPECT(update.keys(method::entra, tenant, files.read("keys-both.json")).ok());
    EXPECT(gate.apply(update).ok());
    EXPECT(gate.check(request(user)) && gate.check(request(rolled)));
    EXPECT(update.keys(method::entra, tenant, files.read("keys-rolled.json")).ok());
    EXPECT(gate.apply(update).ok());
    EXPECT(!gate.check(request(user)) && gate.check(request(rolled)));
    EXPECT(update.keys(method::pki, "corp", "{}").status().number() == TOLLGATE_E_ARGUMENT);
}

void anchors(const folder &files) {
    const gate gate = files.gate();
    const std::string pem = files.read("pc7.pem");
    const std::string other_pem = files.read("other-pc7.pem");
    const peer here = peer::from_pem(pem);
    const peer there = peer::from_pem(other_pem);
    EXPECT(gate.check(request().with_peer(here)) && !gate.check(request().with_peer(there)));
    tollgate::update update;
    EXPECT(update.anchors("corp", files.read("other-root.pem")).ok() && gate.apply(update).ok());
    EXPECT(!gate.check(request().with_peer(here)) && gate.check(request().with_peer(there)));
}

void all_or_nothing(const folder &files) {
    const gate gate = files.gate();
    const std::string tenant = files.read("tenant.id");
    const std::string token = files.read("user.jwt");
    tollgate::update update;
    EXPECT(update.tenant(method::entra, tenant, false).ok());
    EXPECT(update.keys(method::oidc, "nobody", files.read("workforce.json")).ok());
    const auto applied = gate.apply(update);
    EXPECT(applied.status().number() == TOLLGATE_E_CONFIG && gate.check(request(token)));
    EXPECT(applied.message().find("nobody") != std::string::npos);
    EXPECT(update.tenant(method::entra, tenant, false).ok() && gate.apply(update).ok());
    EXPECT(gate.check(request(token)).status().number() == TOLLGATE_REASON_TENANT_DISABLED);
    EXPECT(update.tenant(method::entra, tenant, true).ok() && gate.apply(update).ok());
    EXPECT(gate.check(request(token)));
}

void configurations(const folder &files) {
    const std::string toml = files.read("tollgate.toml");
    const auto made = gate::from_text(toml, files.path(""));
    EXPECT(made.ok() && made.message().empty());
    const gate gate = made.value();
    const std::string token = files.read("user.jwt");
    EXPECT(gate.check(request(token)));
    std::string narrow = toml;
    const std::string all = R"(methods = ["entra", )";
    EXPECT(narrow.find(all) != std::string::npos);
    narrow.replace(narrow.find(all), all.size(), "methods = [");
    tollgate::update update;
    EXPECT(update.configuration(narrow).ok() && gate.apply(update).ok());
    EXPECT(gate.check(request(token)).status().number() == TOLLGATE_REASON_METHOD_NOT_ENABLED);
    EXPECT(update.configuration(toml).ok() && gate.apply(update).ok());
    EXPECT(gate.check(request(token)));
    // A gate of a file takes no text.
    EXPECT(update.configuration(toml).ok() && !files.gate().apply(update).ok());
}

} // namespace

void updates(const folder &files) {
    withdrawals(files);
    keys(files);
    anchors(files);
    all_or_nothing(files);
    configurations(files);
}
