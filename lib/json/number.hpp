#pragma once

#include <string_view>

namespace tollgate::json {

/// Whether a whole token is a number as JSON spells them, and not beyond a double.
bool is_number(std::string_view token);

/// Whether a number, as JSON spells them, is too large for a double. One that is too small is 0.
bool overflows(std::string_view number);

/// No point and no exponent.
bool is_whole(std::string_view number);

/// Of a token that is_number() took.
double to_double(std::string_view number);

}  // namespace tollgate::json
