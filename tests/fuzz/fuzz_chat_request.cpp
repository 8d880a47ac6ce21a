#include <algorithm>
#include <array>

#include "dialects/anthropic_messages/dialect.hpp"
#include "dialects/openai_chat/dialect.hpp"
#include "fuzz/check.hpp"
#include "json/reader.hpp"
#include "support/openai_chat_rules.hpp"

// What a client of either dialect may ask, what goes to the service keeps its rules, save for
// values that are the client's to get right; and what this dialect wrote it can read.

namespace {

using namespace tollgate;
using tollgate::fuzz::check;

bool is_the_clients_fault(const std::string& refusal) {
  constexpr std::array<std::string_view, 4> kFaults = {"invalid image", "invalid file", ": twice",
                                                       "expected a list with messages"};
  return std::any_of(kFaults.begin(), kFaults.end(), [&](std::string_view fault) {
    return refusal.find(fault) != std::string::npos;
  });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 1) return 0;
  const dialects::Dialect& chat = dialects::openai_chat::dialect();
  const bool own = (data[0] & 1U) != 0;
  const dialects::Dialect& from = own ? chat : dialects::anthropic_messages::dialect();
  const auto request = from.decode_request(fuzz::text_of(data + 1, size - 1));
  if (!request.ok()) return 0;
  dialects::Translation translation;
  translation.traits.merge_turns = (data[0] & 2U) != 0;
  std::string out;
  if (!chat.encode_request(request.value(), translation, out).ok()) return 0;
  json::Document document;
  check(document.parse(out).ok());
  test::ChatModel model;
  model.takes_max_tokens = true;
  const std::vector<std::string> refusals = test::chat_refusals(out, model);
  for (const std::string& refusal : refusals)
    check(is_the_clients_fault(refusal));
  if (refusals.empty()) check(chat.decode_request(out).ok());
  return 0;
}
