// What the tests of tollgate.hpp have in common. They work without exceptions and without RTTI.

#ifndef TOLLGATE_TESTS_EXPECT_HPP
#define TOLLGATE_TESTS_EXPECT_HPP

#include <string>
#include <string_view>

#include <tollgate.hpp>

/// Counts, and complains with its place if it does not hold.
#define EXPECT(...) expect(static_cast<bool>(__VA_ARGS__), #__VA_ARGS__, __FILE__, __LINE__)

bool expect(bool holds, const char *what, const char *file, int line);

/// The folder that the driver made: a configuration, and credentials for all of it.
class folder {
public:
    explicit folder(std::string path) : path_(std::move(path)) {}

    std::string path(std::string_view name) const;
    /// What a file holds; ends the program if it is not there.
    std::string read(std::string_view name) const;
    void write(std::string_view name, std::string_view text) const;
    /// A gate of its own, of tollgate.toml; ends the program if there is none.
    tollgate::gate gate(tollgate::options how = tollgate::options()) const;

private:
    std::string path_;
};

// The themes, each in a file of its name.
void types(const folder &files);
void refused(const folder &files);
void handles(const folder &files);
void texts(const folder &files);
void peers(const folder &files);
void batch(const folder &files);
void callbacks(const folder &files);
void updates(const folder &files);
void refresh(const folder &files);
void threads(const folder &files);
void allocations(const folder &files);

#endif // TOLLGATE_TESTS_EXPECT_HPP
