// The skin takes no memory of its own on the way of a check.

#include <array>
#include <cstdlib>
#include <new>
#include <string>

#include "expect.hpp"

namespace {

std::size_t taken = 0;

void *take(std::size_t size) {
    ++taken;
    return std::malloc(size == 0 ? 1 : size);
}

} // namespace

// Those that the header, and a std::string in it, would use. No memory ends the program, as elsewhere.
void *operator new(std::size_t size) {
    void *memory = take(size);
    if (memory == nullptr) std::abort();
    return memory;
}
void *operator new(std::size_t size, const std::nothrow_t &) noexcept { return take(size); }
void operator delete(void *memory) noexcept { std::free(memory); }
void operator delete(void *memory, std::size_t) noexcept { std::free(memory); }
void operator delete(void *memory, const std::nothrow_t &) noexcept { std::free(memory); }

void allocations(const folder &files) {
    using namespace tollgate;
    const gate gate = files.gate();
    const std::string token = files.read("user.jwt");
    const std::string expired = files.read("expired.jwt");
    const std::string pem = files.read("pc7.pem");
    const peer client = peer::from_pem(pem);
    std::array<request, 8> requests;
    for (auto &asked : requests) asked.token(token);
    std::array<verdict, 8> verdicts;
    const std::size_t before_scratch = taken;
    scratch scratch;
    EXPECT(taken == before_scratch + 1);
    int admitted = 0;
    const std::size_t before = taken;
    for (int n = 0; n < 100; ++n) {
        const answer said = gate.check(scratch, request(token).with_peer(client).endpoint("internet"));
        admitted += said && !said.id().empty() && said.certificate().size() > 4 && !said.claim("x");
        admitted -= static_cast<bool>(gate.check(request(expired)));
        for (const auto &claim : said.claims()) admitted -= claim.name.empty();
        admitted -= !gate.check_batch(scratch, requests, verdicts).ok();
        admitted -= !gate.now().ok() + !gate.counters().ok();
    }
    EXPECT(taken == before);
    EXPECT(admitted == 100);
    // The count counts.
    EXPECT(!gate::from_text("nonsense").ok() && taken > before);
}
