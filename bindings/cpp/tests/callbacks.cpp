// What the host lends: its log and its clock.

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "expect.hpp"

namespace {

using namespace tollgate;

struct entry {
    level how;
    std::string text;
};

class notebook : public host_log {
public:
    explicit notebook(std::vector<entry> &lines) : lines_(lines) {}
    void line(level how, std::string_view text) noexcept override {
        const std::lock_guard<std::mutex> guard(lock_);
        lines_.push_back({how, std::string(text)});
    }

private:
    std::vector<entry> &lines_;
    std::mutex lock_;
};

class stopped_clock : public host_clock {
public:
    explicit stopped_clock(std::atomic<std::int64_t> &unix_s) : unix_s_(unix_s) {}
    moment now() noexcept override { return {unix_s_.load(), 5'000}; }

private:
    std::atomic<std::int64_t> &unix_s_;
};

void a_log(const folder &files) {
    std::vector<entry> lines;
    options how;
    how.log(std::make_unique<notebook>(lines));
    const std::string wrong = "[[endpoint]]\nname = \"internet\"\nmethod = []\n";
    const auto made = gate::from_text(wrong, files.path(""), std::move(how));
    // The message has the first and how many more there are, the log all of them.
    EXPECT(!made.ok() && made.message().find("(and 1 more: ") != std::string::npos);
    EXPECT(lines.size() == 2 && made.message().find(lines[0].text) == 0);
    for (const auto &one : lines) {
        EXPECT(one.how == level::error && one.text.find('\n') == std::string::npos);
    }
    EXPECT(lines.back().text.find("endpoint[0].method: unknown key") != std::string::npos);
}

void a_log_of_changes(const folder &files) {
    std::vector<entry> lines;
    options how;
    how.log(std::make_unique<notebook>(lines));
    const gate gate = files.gate(std::move(how));
    lines.clear();
    tollgate::update update;
    EXPECT(update.keys(method::entra, files.read("tenant.id"), "no keys").ok());
    const auto applied = gate.apply(update);
    EXPECT(!applied.ok() && applied.status().number() == TOLLGATE_E_CONFIG);
    EXPECT(lines.size() == 1 && lines[0].how == level::error);
    EXPECT(applied.message() == lines[0].text);
}

void a_clock(const folder &files) {
    const std::string token = files.read("user.jwt");
    const gate by_system = files.gate();
    const auto today = by_system.now().value().unix_s;
    std::atomic<std::int64_t> unix_s{today};
    options how;
    how.clock(std::make_unique<stopped_clock>(unix_s));
    const gate gate = files.gate(std::move(how));
    EXPECT(gate.now().value().unix_s == today && gate.now().value().mono_ms == 5'000);
    const verdict said = gate.check(request(token));
    EXPECT(said);
    unix_s = said.expires_s();
    EXPECT(gate.check(request(token)));
    // By default clocks may differ by five minutes.
    unix_s = said.expires_s() + 300;
    EXPECT(gate.check(request(token)));
    unix_s = said.expires_s() + 301;
    EXPECT(gate.check(request(token)).status().number() == TOLLGATE_REASON_EXPIRED);
    // A request that says the time is judged by that.
    EXPECT(gate.check(request(token).at({today, 0})));
    EXPECT(by_system.check(request(token)));
}

void processes(const folder &files) {
    options how;
    how.processes(4);
    EXPECT(files.gate(std::move(how)).cache_bytes() == files.gate().cache_bytes() / 4);
}

} // namespace

void callbacks(const folder &files) {
    a_log(files);
    a_log_of_changes(files);
    a_clock(files);
    processes(files);
}
