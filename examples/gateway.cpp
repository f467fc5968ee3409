// A gateway: `gateway tollgate.toml 8080` tells each client who it is. One at a time; pool.c has threads.
#include "http.h"
#include <cerrno>
#include <csignal>
#include <tollgate.hpp>

namespace {

volatile std::sig_atomic_t is_over = 0;
void end(int number) { is_over = number; }

int fail(const char *what, const std::string &why) {
    std::fprintf(stderr, "gateway: %s: %s\n", what, why.c_str());
    return EXIT_FAILURE;
}

/// What the gate says of itself: files that were loaded again, or could not be.
class standard_error : public tollgate::host_log {
    void line(tollgate::level, std::string_view text) noexcept override { fail("log", std::string(text)); }
};

void serve(int client, const tollgate::gate &gate, tollgate::scratch &scratch) {
    char head[32768];
    const char *token = nullptr;
    const std::size_t length = http_read_token(client, head, sizeof head, &token);
    const auto answer = gate.check(scratch, tollgate::request({token, length}));
    // Nobody passes without a name, as one has who was admitted.
    if (answer && !answer.id().empty()) {
        return http_answer(client, 200, answer.id().data(), answer.id().size());
    }
    // The reason is for the operator. Outsiders see its HTTP status and nothing else.
    fail(answer.reason_name(), answer.status().remedy());
    http_answer(client, answer ? 503 : answer.http_status(), "", 0);
}

} // namespace

int main(int argc, char **argv) {
    if (argc != 3) return fail("usage", "gateway CONFIG PORT");
    if (!tollgate::abi_matches()) return fail("libtollgate", "is not the one of this header");
    tollgate::options options;
    options.log(std::make_unique<standard_error>());
    const auto made = tollgate::gate::from_file(argv[1], std::move(options));
    if (!made.ok()) return fail("not started", made.message());
    const tollgate::gate &gate = made.value();
    // A thread looks for changed files; gate.refresh() is for hosts that would rather do it themselves.
    const auto started = gate.start_refresh();
    if (!started.ok()) return fail("not started", started.message());
    const int listener = http_listen(argv[2]);
    if (listener < 0) return fail(argv[2], strerror(errno));
    std::signal(SIGTERM, end);
    std::signal(SIGPIPE, SIG_IGN);
    tollgate::scratch scratch;
    while (is_over == 0) {
        const int client = http_accept(listener, 1000);
        if (client >= 0) serve(client, gate, scratch);
    }
}
