#include <algorithm>
#include <array>
#include <string>

#include "dialects/anthropic_messages/dialect.hpp"
#include "dialects/gemini_generate/dialect.hpp"
#include "fuzz/check.hpp"
#include "support/gemini_rules.hpp"

// Whatever a client asks, what goes to Gemini keeps its rules, save for values that are the
// client's to get right.

namespace {

bool is_the_clients_fault(const std::string& refusal) {
  constexpr std::array<std::string_view, 4> kFaults = {
      "Base64 decoding failed", "temperature is out of range", "Duplicate function declaration",
      "The thinking budget is invalid"};
  return std::any_of(kFaults.begin(), kFaults.end(), [&](std::string_view fault) {
    return refusal.find(fault) != std::string::npos;
  });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace tollgate;
  if (size < 1) return 0;
  const auto request =
      dialects::anthropic_messages::dialect().decode_request(fuzz::text_of(data + 1, size - 1));
  if (!request.ok()) return 0;
  constexpr std::array<const char*, 3> kModels = {"gemini-2.5-flash", "gemini-3.6-flash",
                                                  "gemini-4-argon"};
  const size_t chosen = data[0] % kModels.size();
  dialects::Translation translation;
  translation.target_model = kModels[chosen];
  translation.traits.name = "google-gemini";
  translation.traits.stop_sequences_max = 5;
  translation.traits.tools_max = 512;
  std::string out;
  if (!dialects::gemini_generate::dialect()
           .encode_request(request.value(), translation, out)
           .ok()) {
    return 0;
  }
  test::GeminiServer server;
  server.generation = static_cast<int>(chosen) + 2;
  server.stream = request.value().stream;
  for (const std::string& refusal : test::gemini_refusals(out, server))
    fuzz::check(is_the_clients_fault(refusal));
  return 0;
}
