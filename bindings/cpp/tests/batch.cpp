// Many requests at once, in whatever the host keeps them.

#include <array>
#include <string>
#include <vector>

#include "expect.hpp"

namespace {

using namespace tollgate;

/// What a host might keep of a request.
struct job {
    std::string token;
    request asked;
    verdict said;
    int number = 0;
};

/// The same by inheritance.
struct ticket : request {
    using request::request;
    std::array<char, 24> more{};
};

void in_order(const folder &files) {
    const gate gate = files.gate();
    scratch scratch;
    const std::string user = files.read("user.jwt");
    const std::string device = files.read("device.jwt");
    const std::string expired = files.read("expired.jwt");
    std::vector<request> requests;
    for (int n = 0; n < 30; ++n) {
        requests.emplace_back(n % 3 == 0 ? user : n % 3 == 1 ? device : expired);
    }
    std::vector<verdict> verdicts(requests.size());
    EXPECT(gate.check_batch(scratch, requests, verdicts).ok());
    for (std::size_t n = 0; n < verdicts.size(); ++n) {
        EXPECT(verdicts[n].admitted() == (n % 3 != 2));
        EXPECT(verdicts[n].status() == gate.check(requests[n]).status());
    }
    EXPECT(scratch.choose(1).id().find(files.read("tenant.id")) != std::string_view::npos);
    const auto first = scratch.choose(0);
    const std::string id(first.id());
    EXPECT(!id.empty());
    const auto third = scratch.choose(2);
    EXPECT(third.id().empty() && third.refusal().substr(0, 7) == "expired");
    EXPECT(!first.are_current() && first.id().empty());
    EXPECT(!scratch.choose(verdicts.size()).are_current());
    EXPECT(scratch.choose(3).id() == id);
    EXPECT(!gate.check(scratch, request()));
    EXPECT(!scratch.choose(0).are_current());
}

void in_structures(const folder &files) {
    const gate gate = files.gate();
    std::vector<job> jobs(5);
    for (auto &one : jobs) one.token = files.read(one.number++ == 0 ? "user.jwt" : "device.jwt");
    for (auto &one : jobs) one.asked.token(one.token);
    jobs[3].asked.raw().scenario = 9;
    EXPECT(gate.check_batch({&jobs[0].asked, jobs.size(), sizeof(job)},
                            {&jobs[0].said, jobs.size(), sizeof(job)}).ok());
    for (std::size_t n = 0; n < jobs.size(); ++n) EXPECT(jobs[n].said.admitted() == (n != 3));
    EXPECT(jobs[3].said.status().number() == TOLLGATE_E_ARGUMENT);

    const std::string token = files.read("user.jwt");
    std::vector<ticket> tickets(4, ticket(token));
    std::array<verdict, 4> verdicts;
    EXPECT(gate.check_batch(tickets, verdicts).ok());
    for (const auto &said : verdicts) EXPECT(said);
}

void that_cannot_be_judged(const folder &files) {
    const gate gate = files.gate();
    scratch scratch;
    const std::string token = files.read("user.jwt");
    const std::vector<request> requests(3, request(token));
    std::vector<verdict> verdicts(3);
    const auto admit_all = [&] { EXPECT(gate.check_batch(requests, verdicts).ok()); };
    const auto all_refused = [&] {
        for (const auto &said : verdicts) {
            if (said || said.admitted()) return false;
        }
        return true;
    };
    admit_all();
    EXPECT(!all_refused());
    const std::vector<request> fewer(2, request(token));
    const auto uneven = gate.check_batch(fewer, verdicts);
    EXPECT(uneven.status().number() == TOLLGATE_E_ARGUMENT && all_refused());
    EXPECT(uneven.message() == "a batch needs as many verdicts as requests");
    admit_all();
    EXPECT(!tollgate::gate().check_batch(requests, verdicts).ok() && all_refused());
    admit_all();
    EXPECT(!gate.check_batch({requests.data(), 3, 8}, verdicts).ok() && all_refused());
    admit_all();
    EXPECT(!gate.check_batch({nullptr, 3}, verdicts).ok() && all_refused());
    admit_all();
    const tollgate::scratch taken = std::move(scratch);
    EXPECT(!gate.check_batch(scratch, requests, verdicts).ok() && all_refused());
    EXPECT(!gate.check_batch(requests, {nullptr, 3}).ok());
    EXPECT(gate.check_batch({nullptr, 0}, {nullptr, 0}).ok());
}

} // namespace

void batch(const folder &files) {
    in_order(files);
    in_structures(files);
    that_cannot_be_judged(files);
}
