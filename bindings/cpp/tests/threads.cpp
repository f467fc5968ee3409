// One gate for all threads, a scratch for each, and trust that moves meanwhile.

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "expect.hpp"

void threads(const folder &files) {
    using namespace tollgate;
    const gate gate = files.gate();
    const std::string user = files.read("user.jwt");
    const std::string workforce = files.read("workforce.jwt");
    const std::string tenant = files.read("tenant.id");
    const std::string user_id = "entra:" + tenant + ":" + files.read("user.id");
    std::atomic<int> mixed_up{0};
    std::atomic<int> rounds{0};
    std::atomic<bool> is_over{false};
    std::vector<std::thread> all;
    for (int n = 0; n < 4; ++n) {
        // A copy of its own: the last owner may be any of them.
        all.emplace_back([&, gate] {
            scratch scratch;
            for (int round = 0; round < 200 || !is_over; ++round, ++rounds) {
                const answer one = gate.check(scratch, request(user));
                const bool is_right = one ? one.id() == user_id
                                          : one.status().number() == TOLLGATE_REASON_TENANT_DISABLED;
                const answer other = gate.check(scratch, request(workforce));
                mixed_up += !is_right || other.id() != "oidc:workforce:somebody" || !one.id().empty();
            }
        });
    }
    for (int n = 0; n < 20; ++n) {
        tollgate::update update;
        EXPECT(update.tenant(method::entra, tenant, n % 2 != 0).ok() && gate.apply(update).ok());
        // So that there were checks between any two.
        const int before = rounds;
        while (rounds == before) std::this_thread::yield();
    }
    is_over = true;
    for (auto &thread : all) thread.join();
    EXPECT(mixed_up == 0);
    EXPECT(gate.counters().value().updates == 20 && rounds >= 800);
}
