#include "json/number.hpp"

#include <string>

#include "support/catch.hpp"

namespace tollgate::json {
namespace {

TEST_CASE("numbers are spelled as JSON spells them") {
  for (const std::string good :
       {"0", "-0", "7", "-12", "1.5", "0.25e-3", "1E+9", "10e0", "1e308"}) {
    INFO(good);
    CHECK(is_number(good));
  }
  for (const std::string bad : {"", "-", "+1", "01", "-01", ".5", "1.", "1.e3", "1e", "1e+", "1x",
                                "0x1", "1 2", "--1", "NaN", "1e999", "-1e999"}) {
    INFO(bad);
    CHECK_FALSE(is_number(bad));
  }
  CHECK(is_number(std::string(300, '9')));
  CHECK_FALSE(is_number(std::string(400, '9')));
}

TEST_CASE("too large is not too small") {
  CHECK(overflows("1e309"));
  CHECK(overflows("-123456e304"));
  CHECK_FALSE(overflows("1e-400"));
  CHECK_FALSE(overflows("0e999"));
  CHECK(to_double("1e-400") == 0.0);
  CHECK(to_double("-2.5e2") == -250.0);
}

TEST_CASE("whole numbers have neither point nor exponent") {
  CHECK(is_whole("-12"));
  CHECK_FALSE(is_whole("1.0"));
  CHECK_FALSE(is_whole("1e2"));
  CHECK_FALSE(is_whole("1E2"));
}

}  // namespace
}  // namespace tollgate::json
