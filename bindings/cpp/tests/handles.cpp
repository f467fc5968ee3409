// Who owns what, when it is copied, moved, moved onto itself, and gone.

#include <memory>
#include <utility>

#include "expect.hpp"

namespace {

using namespace tollgate;

/// Says when it is gone.
class mortal : public host_log {
public:
    explicit mortal(int &deaths) : deaths_(deaths) {}
    ~mortal() override { ++deaths_; }
    void line(level, std::string_view) noexcept override {}

private:
    int &deaths_;
};

options with_mortal(int &deaths) {
    options how;
    how.log(std::make_unique<mortal>(deaths));
    return how;
}

/// Past compilers that see it coming.
template <class T> T &itself(T &value) { return value; }

void gates(const folder &files) {
    const std::string token = files.read("user.jwt");
    const request asked(token);
    int deaths = 0;
    {
        gate one = files.gate(with_mortal(deaths));
        gate copy = one;
        EXPECT(copy.raw() == one.raw() && copy.check(asked));
        gate moved = std::move(one);
        EXPECT(moved.raw() == copy.raw() && one.raw() == nullptr);
        one = moved;
        EXPECT(one.check(asked));
        one = itself(one);
        EXPECT(one.check(asked));
        one = std::move(itself(one));
        EXPECT(one.check(asked));
        one = files.gate();
        moved = gate();
        EXPECT(deaths == 0 && copy.check(asked));
        copy = std::move(one);
        EXPECT(deaths == 1 && copy.check(asked));
    }
    EXPECT(deaths == 1);
}

void a_scratch_keeps_its_gate(const folder &files) {
    const std::string token = files.read("user.jwt");
    int deaths = 0;
    scratch scratch;
    answer said;
    {
        const gate gate = files.gate(with_mortal(deaths));
        said = gate.check(scratch, request(token));
    }
    EXPECT(deaths == 0);
    EXPECT(said && said.id().substr(0, 6) == "entra:");
    {
        const gate other = files.gate();
        EXPECT(other.check(scratch, request(token)));
    }
    EXPECT(deaths == 1);
}

void lent_things(const folder &files) {
    int deaths = 0;
    { const options never_used = with_mortal(deaths); }
    EXPECT(deaths == 1);
    EXPECT(!gate::from_text("nonsense", {}, with_mortal(deaths)).ok());
    EXPECT(deaths == 2);
    EXPECT(!gate::from_file("", with_mortal(deaths)).ok());
    EXPECT(deaths == 3);
    options how = with_mortal(deaths);
    how.log(std::make_unique<mortal>(deaths));
    EXPECT(deaths == 4);
    { const gate gate = files.gate(std::move(how)); }
    EXPECT(deaths == 5);
    // Options that were given away lend nothing.
    { const gate gate = files.gate(std::move(how)); }
    EXPECT(deaths == 5);
}

void scratches(const folder &files) {
    const gate gate = files.gate();
    const std::string token = files.read("user.jwt");
    scratch one;
    EXPECT(one.raw() != nullptr);
    const answer said = gate.check(one, request(token));
    // Texts follow the scratch to where it is moved.
    scratch other = std::move(one);
    EXPECT(one.raw() == nullptr && said.id().substr(0, 6) == "entra:");
    other = std::move(itself(other));
    EXPECT(said.are_current() && said.id().substr(0, 6) == "entra:");
    other = scratch();
    EXPECT(gate.check(other, request(token)));
}

void others(const folder &files) {
    const std::string pem = files.read("pc7.pem");
    peer one = peer::from_pem(pem);
    EXPECT(one.status().number() == TOLLGATE_DONE && one.has_certificates());
    peer other = std::move(one);
    EXPECT(!one.has_certificates() && other.has_certificates());
    other = std::move(itself(other));
    EXPECT(other.has_certificates() && other.status().number() == TOLLGATE_DONE);
    // What was moved from is not "no certificates": it refuses.
    const gate gate = files.gate();
    const std::string token = files.read("user.jwt");
    EXPECT(gate.check(request(token)));
    EXPECT(!gate.check(request(token).with_peer(one)));
    one = std::move(other);
    EXPECT(gate.check(request(token).with_peer(one)));
    one = peer();
    EXPECT(!one.has_certificates() && gate.check(request(token).with_peer(one)));

    tollgate::update first;
    EXPECT(first.raw() != nullptr);
    tollgate::update second = std::move(first);
    const std::string tenant = files.read("tenant.id");
    EXPECT(first.tenant(method::entra, tenant, false).status().number() == TOLLGATE_E_NULL);
    EXPECT(!gate.apply(first).ok());
    second = std::move(itself(second));
    EXPECT(second.tenant(method::entra, tenant, false).ok() && gate.apply(second).ok());
    EXPECT(!gate.check(request(token)));
}

} // namespace

void handles(const folder &files) {
    gates(files);
    a_scratch_keeps_its_gate(files);
    lent_things(files);
    scratches(files);
    others(files);
}
