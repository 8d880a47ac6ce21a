#pragma once

// Gemini signs parts of its answers and wants the signatures back on the same parts. They travel
// through the client as carriage, in a thinking block or a redacted one beside the block they
// belong to.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "dialects/dialect.hpp"

namespace tollgate::dialects::gemini_generate {

/// Accepted in the place of a signature that is not to be had; answers may be the worse for it.
inline constexpr std::string_view kBypassSignature = "skip_thought_signature_validator";

/// Which part a carried signature belongs to.
enum class SignedPart : uint8_t {
  kNextCall,  ///< The functionCall made of the tool_use that follows.
  kNextText,  ///< The text that follows.
  kOwnText,   ///< A part with empty text of its own, as streams end.
  kThought    ///< The thought in the same block.
};

struct CarriedSignature {
  SignedPart part = SignedPart::kNextCall;
  std::string signature;
};

/// For the signature of a thinking block or the data of a redacted one.
std::string seal_signature(const Translation& translation, SignedPart part,
                           std::string_view signature);

/// Reads such a field. Nothing when this target did not write it, or cannot read it any more.
std::optional<CarriedSignature> open_signature(const Translation& translation,
                                               std::string_view field);

}  // namespace tollgate::dialects::gemini_generate
