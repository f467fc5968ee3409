// Files that change while the gate runs: by the host's own loop, and by a thread.

#include <chrono>
#include <string>
#include <thread>

#include "expect.hpp"

namespace {

using namespace tollgate;

void by_the_host(const folder &files) {
    const gate gate = files.gate();
    const std::string before = files.read("keys.json");
    const std::string rolled = files.read("rolled.jwt");
    EXPECT(gate.refresh_due_ms() <= 1'000);
    EXPECT(gate.refresh().ok() && !gate.check(request(rolled)));
    EXPECT(gate.counters().value().refreshes == 0);
    files.write("keys.json", files.read("keys-both.json"));
    EXPECT(gate.refresh().ok() && gate.check(request(rolled)));
    EXPECT(gate.counters().value().refreshes == 1);
    files.write("keys.json", "{}");
    const auto wrong = gate.refresh();
    EXPECT(wrong.status().number() == TOLLGATE_E_CONFIG);
    EXPECT(wrong.message().find("entra[0].jwks_file: ") != std::string::npos);
    // The trust stays as it was.
    EXPECT(gate.check(request(rolled)));
    files.write("keys.json", before);
    EXPECT(gate.refresh().ok() && !gate.check(request(rolled)));
}

void by_a_thread(const folder &files) {
    const gate gate = files.gate();
    const std::string before = files.read("keys.json");
    const std::string rolled = files.read("rolled.jwt");
    EXPECT(gate.stop_refresh().status().number() == TOLLGATE_E_STATE);
    EXPECT(gate.start_refresh().ok());
    EXPECT(gate.start_refresh().status().number() == TOLLGATE_E_STATE);
    EXPECT(!gate.check(request(rolled)));
    files.write("keys.json", files.read("keys-both.json"));
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (!gate.check(request(rolled)) && std::chrono::steady_clock::now() < until) {
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    EXPECT(gate.check(request(rolled)));
    EXPECT(gate.stop_refresh().ok());
    EXPECT(gate.stop_refresh().status().number() == TOLLGATE_E_STATE);
    files.write("keys.json", before);
    // Another one ends with its gate.
    EXPECT(gate.start_refresh().ok());
}

} // namespace

void refresh(const folder &files) {
    by_the_host(files);
    by_a_thread(files);
}
