// What the compiler holds to: what may be copied, what is a condition, and what cannot fail by throwing.

#include <array>
#include <type_traits>
#include <vector>

// Twice, and in every other file of this program again.
#include <tollgate.hpp>
#include <tollgate.hpp>

#include "expect.hpp"

namespace {

using namespace tollgate;

template <class T>
constexpr bool is_moved_only = !std::is_copy_constructible_v<T> && !std::is_copy_assignable_v<T> &&
    std::is_nothrow_move_constructible_v<T> && std::is_nothrow_move_assignable_v<T>;

static_assert(is_moved_only<scratch> && is_moved_only<peer> && is_moved_only<tollgate::update> &&
              is_moved_only<options>);
static_assert(std::is_nothrow_copy_constructible_v<gate> && std::is_nothrow_copy_assignable_v<gate>);
static_assert(std::is_nothrow_move_constructible_v<gate> && std::is_nothrow_move_assignable_v<gate>);
static_assert(std::is_nothrow_default_constructible_v<gate> &&
              std::is_nothrow_default_constructible_v<scratch> &&
              std::is_nothrow_default_constructible_v<peer> &&
              std::is_nothrow_default_constructible_v<tollgate::update>);

// A condition, but no number: `verdict == 1` and `int code = verdict` do not compile.
template <class T>
constexpr bool is_condition = std::is_constructible_v<bool, T> && !std::is_convertible_v<T, bool>;
static_assert(is_condition<status> && is_condition<verdict> && is_condition<answer> &&
              is_condition<explanation>);
static_assert(!std::is_constructible_v<bool, result<>> && !std::is_constructible_v<bool, gate> &&
              !std::is_constructible_v<bool, peer> && !std::is_constructible_v<bool, scratch>);

// Nothing that a status is made of by the way.
static_assert(!std::is_convertible_v<int, status> && !std::is_convertible_v<bool, verdict>);
static_assert(!static_cast<bool>(status()) && status().number() == 0);
static_assert(!static_cast<bool>(status(TOLLGATE_DONE)) && !static_cast<bool>(status(-1)));
static_assert(static_cast<bool>(status(TOLLGATE_ADMITTED)));
static_assert(status(3001) == status(TOLLGATE_REASON_EXPIRED) && status(1) != status(2));

// Texts that are gone at once cannot be borrowed; others can.
static_assert(!std::is_constructible_v<request, std::string>);
static_assert(std::is_constructible_v<request, std::string &> &&
              std::is_constructible_v<request, const std::string &> &&
              std::is_constructible_v<request, const char *> &&
              std::is_constructible_v<request, std::string_view>);

struct job : request {
    int number = 0;
};
static_assert(std::is_constructible_v<strided<const request>, const std::vector<job> &>);
static_assert(std::is_constructible_v<strided<verdict>, std::array<verdict, 3> &>);
static_assert(!std::is_constructible_v<strided<verdict>, const std::vector<verdict> &>);
static_assert(!std::is_constructible_v<strided<verdict>, std::vector<request> &>);

static_assert(std::is_constructible_v<bytes, std::vector<unsigned char>> &&
              std::is_constructible_v<bytes, std::array<std::uint8_t, 4>> &&
              !std::is_constructible_v<bytes, std::vector<int>>);

// Nothing throws, as a compiler without exceptions takes for granted.
using peers_gate = const gate &;
static_assert(noexcept(std::declval<peers_gate>().check(std::declval<const request &>())));
static_assert(noexcept(std::declval<peers_gate>().check(std::declval<scratch &>(),
                                                        std::declval<const request &>())));
static_assert(noexcept(gate::from_file("")) && noexcept(peer::from_pem("")) && noexcept(scratch()));

} // namespace

void types(const folder &) {
    EXPECT(tollgate_struct_size(TOLLGATE_STRUCT_REQUEST) == sizeof(request));
    EXPECT(tollgate_struct_size(TOLLGATE_STRUCT_VERDICT) == sizeof(verdict));
    EXPECT(tollgate_struct_size(TOLLGATE_STRUCT_OPTIONS) == sizeof(tollgate_options));
    EXPECT(tollgate_struct_size(TOLLGATE_STRUCT_COUNTERS) == sizeof(tollgate_counters));
}
