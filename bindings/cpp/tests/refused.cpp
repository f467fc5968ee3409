// What was never judged, was emptied, or went wrong, reads as refused.

#include <vector>

#include "expect.hpp"

namespace {

using namespace tollgate;

bool is_refused(const verdict &said) {
    return !said && !said.admitted() && said.http_status() == 503 && said.kind() == kind::nobody &&
        !said.tenant() && !said.user() && !said.device() && said.expires_s() == 0;
}

void without_a_check() {
    EXPECT(!status());
    EXPECT(status().http_status() == 503);
    EXPECT(status().name() == std::string("unknown"));
    EXPECT(is_refused(verdict()));
    EXPECT(verdict().status().number() == 0);
    EXPECT(is_refused(answer()));
    EXPECT(answer().id().empty() && !answer().are_current());
    // Texts that are not there are texts for C as well.
    EXPECT(*answer().id().data() == '\0' && *answer().payload().data() == '\0');
    EXPECT(*explanation().lines().data() == '\0');
    EXPECT(!explanation() && explanation().lines().empty());
}

void by_what_is_empty(const folder &files) {
    const std::string token = files.read("user.jwt");
    const request asked(token);
    scratch scratch;
    const gate empty;
    EXPECT(is_refused(empty.check(asked)));
    EXPECT(empty.check(asked).status().number() == TOLLGATE_E_NULL);
    EXPECT(is_refused(empty.check(scratch, asked)));
    EXPECT(empty.check(scratch, asked).id().empty());
    EXPECT(!empty.explain(scratch, asked) && *empty.explain(scratch, asked).lines().data() == '\0');
    EXPECT(*empty.check(scratch, asked).refusal().data() == '\0');
    EXPECT(empty.refresh().status().number() == TOLLGATE_E_NULL);
    EXPECT(!empty.start_refresh().ok() && !empty.stop_refresh().ok());
    EXPECT(empty.refresh_due_ms() == UINT64_MAX && empty.cache_bytes() == 0);
    EXPECT(!empty.counters().ok() && empty.counters().value().admitted == 0);
    EXPECT(!empty.metrics(scratch).ok() && empty.metrics(scratch).value().empty());
    EXPECT(!empty.now().ok() && !empty.has_endpoint("internet").ok());

    gate gate = files.gate();
    EXPECT(gate.check(scratch, asked));
    tollgate::scratch filled(std::move(scratch));
    EXPECT(gate.check(filled, asked));
    // A host that has nowhere to write names must not take nobody for somebody.
    EXPECT(is_refused(gate.check(scratch, asked)));
    EXPECT(gate.check(scratch, asked).status().number() == TOLLGATE_E_NULL);
    EXPECT(!gate.explain(scratch, asked));
    tollgate::gate other(std::move(gate));
    EXPECT(is_refused(gate.check(asked)));
    EXPECT(other.check(asked));
}

void a_configuration_that_is_wrong(const folder &files) {
    const auto nowhere = gate::from_file(files.path("absent.toml"));
    EXPECT(!nowhere.ok());
    EXPECT(nowhere.status().number() == TOLLGATE_E_CONFIG);
    EXPECT(nowhere.message().find("absent.toml") != std::string::npos);
    const std::string token = files.read("user.jwt");
    EXPECT(is_refused(nowhere.value().check(request(token))));

    const auto wrong = gate::from_text("[[endpoint]]\nname = 7\n");
    EXPECT(!wrong.ok());
    EXPECT(wrong.message().find("configuration:1: endpoint[0].methods") == 0);
    // Misuse has a line, too.
    EXPECT(!gate::from_file("").message().empty());
    EXPECT(gate::from_file("\xff\xfe").status().number() == TOLLGATE_E_ARGUMENT);
}

void what_is_presented(const folder &files) {
    const gate gate = files.gate();
    EXPECT(gate.check(request()).status().number() == TOLLGATE_REASON_NO_CREDENTIAL);
    EXPECT(gate.check(request("")).http_status() == 401);
    const std::string long_one(1 << 20, 'a');
    const verdict too_long = gate.check(request(long_one));
    EXPECT(too_long.status().number() == TOLLGATE_REASON_TOKEN_TOO_LARGE);
    EXPECT(too_long.detail() == detail::count);
    EXPECT(too_long.found() == 1 << 20 && too_long.limit() > 0);

    const std::string expired = files.read("expired.jwt");
    const verdict said = gate.check(request(expired));
    EXPECT(!said);
    EXPECT(said.reason_name() == std::string("expired"));
    EXPECT(said.status().class_name() == std::string("untimely"));
    EXPECT(said.status().sentence() == std::string("The token has ended."));
    EXPECT(*said.status().remedy() != '\0');
    EXPECT(said.http_status() == 401 && said.method() == method::entra);
    EXPECT(said.detail() == detail::seconds);
    EXPECT(!said.tenant() && !said.user() && said.kind() == kind::nobody);

    const std::string device = files.read("device.jwt");
    EXPECT(gate.check(request(device)));
    const verdict no_user = gate.check(request(device).scenario(scenario::user));
    EXPECT(no_user.status().number() == TOLLGATE_REASON_USER_NEEDED && no_user.http_status() == 403);
    const verdict elsewhere = gate.check(request(device).endpoint("nowhere"));
    EXPECT(elsewhere.status().number() == TOLLGATE_REASON_ENDPOINT_UNKNOWN);
    EXPECT(elsewhere.http_status() == 503);
    // Long before it was issued, and long after it ended.
    EXPECT(gate.check(request(device).at({1'000'000'000, 0})).status().number() ==
           TOLLGATE_REASON_NOT_YET_VALID);
    EXPECT(gate.check(request(device).at({4'000'000'000, 0})).status().number() ==
           TOLLGATE_REASON_EXPIRED);
    request odd(device);
    odd.raw().scenario = 3;
    EXPECT(gate.check(odd).status().number() == TOLLGATE_E_ARGUMENT);
}

void fields_of_a_request(const folder &files) {
    const gate gate = files.gate();
    const std::string token = files.read("user.jwt");
    request asked(token);
    EXPECT(asked.windows("10.0.19045").ok());
    EXPECT(asked.raw().windows_major == 10 && asked.raw().windows_build == 19045);
    EXPECT(gate.check(asked));
    EXPECT(asked.windows("6.1.7601").ok());
    EXPECT(gate.check(asked).status().number() == TOLLGATE_REASON_WINDOWS_TOO_OLD);
    EXPECT(!asked.windows("ten").ok());
    EXPECT(asked.raw().windows_major == 0);
    EXPECT(gate.check(asked));

    EXPECT(asked.address(std::array<std::uint8_t, 4>{127, 0, 0, 1}).ok());
    EXPECT(asked.raw().source_len > 0 && asked.raw().source_len <= 16);
    const std::vector<unsigned char> ipv6(16, 1);
    EXPECT(asked.address(ipv6).ok());
    const auto wrong = asked.address(std::array<std::uint8_t, 5>{});
    EXPECT(wrong.status().number() == TOLLGATE_E_ARGUMENT && !wrong.message().empty());
    EXPECT(gate.check(asked));
}

} // namespace

void refused(const folder &files) {
    without_a_check();
    by_what_is_empty(files);
    a_configuration_that_is_wrong(files);
    what_is_presented(files);
    fields_of_a_request(files);
}
