// Runs the themes on the folder that is named: "<theme> <number of expectations>" a line, if all hold.

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>

#include "expect.hpp"

namespace {

int held = 0;
int broken = 0;

struct theme {
    const char *name;
    void (*run)(const folder &);
};

constexpr theme themes[] = {
    {"types", types},         {"refused", refused},
    {"handles", handles},     {"texts", texts},
    {"peers", peers},         {"batch", batch},
    {"callbacks", callbacks}, {"updates", updates},
    {"refresh", refresh},     {"threads", threads},
    {"allocations", allocations},
};

[[noreturn]] void give_up(const std::string &why) {
    std::fprintf(stderr, "%s\n", why.c_str());
    std::exit(2);
}

} // namespace

bool expect(bool holds, const char *what, const char *file, int line) {
    ++(holds ? held : broken);
    if (!holds) std::fprintf(stderr, "%s:%d: does not hold: %s\n", file, line, what);
    return holds;
}

std::string folder::path(std::string_view name) const {
    return path_ + "/" + std::string(name);
}

std::string folder::read(std::string_view name) const {
    std::ifstream file(path(name), std::ios::binary);
    if (!file) give_up(path(name) + " cannot be read");
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

void folder::write(std::string_view name, std::string_view text) const {
    // As administrators do it: whoever reads sees the old file or the new one.
    const std::string fresh = path(name) + ".new";
    std::ofstream(fresh, std::ios::binary) << text;
    if (std::rename(fresh.c_str(), path(name).c_str()) != 0) give_up(path(name) + " is stuck");
}

tollgate::gate folder::gate(tollgate::options how) const {
    auto made = tollgate::gate::from_file(path("tollgate.toml"), std::move(how));
    if (!made.ok()) give_up(made.message());
    return std::move(made).value();
}

int main(int argc, char **argv) {
    if (argc != 2) give_up("name the folder");
    if (!tollgate::abi_matches()) give_up("header and library do not fit together");
    const folder files(argv[1]);
    for (const theme &one : themes) {
        const int before = held;
        one.run(files);
        std::printf("%s %d\n", one.name, held - before);
    }
    return broken == 0 ? 0 : 1;
}
