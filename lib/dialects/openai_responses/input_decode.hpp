#pragma once

#include <string>
#include <string_view>

#include "base/status.hpp"
#include "json/reader.hpp"
#include "model/request.hpp"

namespace tollgate::dialects::openai_responses {

/// Puts the items of a client's input into the turns of a conversation.
class InputReader {
 public:
  explicit InputReader(model::Request& request) : request_(request) {}

  /// `text` is the JSON of `input`, a string or an array. A status' path begins at "input".
  Status read(json::Value input, std::string_view text);

 private:
  Status take_item(json::Value item, std::string_view text);
  Status take_message(json::Value item, std::string_view role);
  Status take_content(json::Value content, std::vector<model::Block>& blocks);
  Status take_part(json::Value part, std::vector<model::Block>& blocks);
  Status take_file(json::Value part, std::vector<model::Block>& blocks);
  void take_call(json::Value item, std::string_view text, std::string_view type);
  Status take_output(json::Value item);
  void take_reasoning(json::Value item);
  /// The blocks of the turn that is being said.
  std::vector<model::Block>& turn(model::Role role);

  model::Request& request_;
};

}  // namespace tollgate::dialects::openai_responses
