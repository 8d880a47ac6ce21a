#include "base/secret.hpp"

#include <sstream>
#include <type_traits>

#include <fmt/format.h>

#include "support/catch.hpp"

namespace tollgate {
namespace {

template <typename T, typename = void>
struct IsStreamable : std::false_type {};
template <typename T>
struct IsStreamable<T, std::void_t<decltype(std::declval<std::ostream&>() << std::declval<T>())>>
    : std::true_type {};

TEST_CASE("a secret cannot be formatted") {
  CHECK_FALSE(fmt::is_formattable<Secret>::value);
  CHECK_FALSE(IsStreamable<Secret>::value);
  CHECK_FALSE(std::is_convertible_v<Secret, std::string>);
  CHECK_FALSE(std::is_convertible_v<Secret, std::string_view>);
}

TEST_CASE("a moved-from secret is empty") {
  Secret first("sk-canary");
  Secret second = std::move(first);
  CHECK(first.empty());  // NOLINT(bugprone-use-after-move): that is the promise.
  CHECK(second.reveal() == "sk-canary");
}

}  // namespace
}  // namespace tollgate
