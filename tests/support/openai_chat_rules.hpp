#pragma once

// What the Chat Completions service refuses of a request, as far as its description, its error
// texts and recorded refusals tell: unknown members, wrong types, calls without results.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "model/model_facts.hpp"

namespace tollgate::test {

/// The model the request goes to.
struct ChatModel {
  bool takes_max_tokens = false;  ///< The older name of the limit.
  bool takes_stop = true;
  bool takes_sampling = true;  ///< While it does not reason.
  bool takes_parallel_switch = true;
  bool turns_alternate = false;  ///< A strict template.
  bool only_png_and_jpeg = false;
  std::vector<std::string> efforts;
  size_t tools_max = 128;
};

ChatModel chat_model_of(const model::ModelFacts& facts);

/// The reasons for which the service would answer 400, in its manner of speaking; none when it
/// takes the request.
std::vector<std::string> chat_refusals(std::string_view body, const ChatModel& model);

}  // namespace tollgate::test
