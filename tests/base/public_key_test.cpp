#include "base/public_key.hpp"

#include <string>

#include "base/base64.hpp"
#include "support/catch.hpp"

using namespace tollgate;

// The examples of RFC 7515, A.3 (ES256).
TEST_CASE("an ES256 signature is checked against its point") {
  const std::string x = *base64url_decode("f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU");
  const std::string y = *base64url_decode("x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0");
  const std::string data =
      "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLm"
      "NvbS9pc19yb290Ijp0cnVlfQ";
  const std::string signature = *base64url_decode(
      "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q");
  CHECK(verify_es256(x, y, data, signature));
  CHECK_FALSE(verify_es256(y, x, data, signature));
  CHECK_FALSE(verify_es256(x, y, data + "A", signature));
  CHECK_FALSE(verify_es256(x, y, data, signature.substr(1)));
  CHECK_FALSE(verify_es256(x, y, data, std::string(64, '\0')));
  CHECK_FALSE(verify_es256("", "", data, signature));
}

TEST_CASE("weak and broken RSA keys check nothing") {
  CHECK_FALSE(verify_rs256(std::string(128, '\x7f'), "\x01\x01", "data", std::string(128, 'a')));
  CHECK_FALSE(verify_rs256(std::string(256, '\0'), "\x03", "data", std::string(256, 'a')));
  CHECK_FALSE(verify_rs256(std::string(256, '\x7f'), "", "data", std::string(256, 'a')));
  CHECK_FALSE(verify_rs256(std::string(4096, '\x7f'), "\x03", "data", std::string(4096, 'a')));
}
