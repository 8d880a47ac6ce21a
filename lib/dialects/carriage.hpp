#pragma once

// A foreign upstream's reasoning travels through the client in the opaque field of a thinking
// block (or the data of a redacted one), so that the gateway keeps nothing between turns.

#include <optional>
#include <string>
#include <string_view>

namespace tollgate::dialects {

inline constexpr std::string_view kCarriagePrefix = "tg1.";

/// What such a field holds.
struct Carriage {
  std::string target;          ///< "account/integration" that wrote it.
  std::string credential_tag;  ///< Translation::credential_tag at that time.
  std::string kind;     ///< One letter: r, p, d (OpenAI family), f, t (Gemini), c (Converse).
  std::string payload;  ///< Raw JSON members without braces; the kind says which.

  friend bool operator==(const Carriage&, const Carriage&) = default;
};

/// True when a signature or redacted data is one of ours; Claude's own never are.
bool is_carriage(std::string_view field);
/// "tg1." and base64url of canonical JSON. The same carriage makes the same bytes; empty where they
/// would be more than limits::kCarriageBytesMax.
std::string seal_carriage(const Carriage& carriage);
/// Nothing when it is not ours or was damaged on its way. Bounded by limits::kCarriageBytesMax.
std::optional<Carriage> open_carriage(std::string_view field);

}  // namespace tollgate::dialects
