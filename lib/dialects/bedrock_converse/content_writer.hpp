#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "dialects/bedrock_converse/encoding.hpp"

namespace tollgate::dialects::bedrock_converse {

/// The blocks' texts, a line each.
std::string text_of(const std::vector<model::Block>& blocks);

/// Content of one message or one tool result.
class ContentWriter {
 public:
  explicit ContentWriter(Encoding& encoding) : encoding_(encoding), writer_(encoding.writer) {}

  Status message(const model::Message& message);

 private:
  Status block(const model::Block& block, model::Role role);
  Status user_block(const model::Block& block);
  Status tool_result(const model::Block& block);
  Status result_part(const model::Block& part, const std::string& id);
  Status media(const model::Block& block);
  Status image(const model::Block& block);
  Status document(const model::Block& block);
  void document_source(const model::Block& block);
  void search_result(const model::Block& block);
  void reasoning(const model::Block& block);
  void tool_use(const model::Block& block);
  void text(std::string_view text);
  Status flush_moved();
  void leave_out(const model::Block& block);

  Encoding& encoding_;
  json::Writer& writer_;
  std::vector<std::pair<const model::Block*, std::string>>
      moved_;  ///< Media, and the call they are of.
  size_t written_ = 0;
  bool has_text_ = false;
  bool has_document_ = false;
  bool has_more_than_reasoning_ = false;
};

}  // namespace tollgate::dialects::bedrock_converse
